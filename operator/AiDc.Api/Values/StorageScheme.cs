namespace AiDc.Api.Values;

/// <summary>The kinds of storage that a job can read from and write to.</summary>
public enum StorageScheme
{
    /// <summary>A PersistentVolumeClaim in the job's namespace: <c>pvc://claim/path</c>.</summary>
    Pvc,

    /// <summary>A folder of the node, if the operator's allow-list has it: <c>hostpath:///dir</c>.</summary>
    HostPath,

    /// <summary>A bucket of an S3-compatible server: <c>s3://bucket/prefix</c>.</summary>
    S3,
}
