using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Operator.Pods.Builders;

/// <summary>A storage URI of a volume, and where it is mounted. S3 is none: see <see cref="StorageEnvironment"/>.</summary>
public static class StorageVolume
{
    /// <param name="create">Whether a folder of a node is created if it is not there. Of a claim it always is.</param>
    public static (V1Volume Volume, V1VolumeMount Mount) Of(string name, StorageUri uri, string mountPath, bool readOnly, bool create)
    {
        var mount = new V1VolumeMount { Name = name, MountPath = mountPath, ReadOnlyProperty = readOnly ? true : null };
        if (uri.Scheme == StorageScheme.HostPath)
        {
            var host = new V1HostPathVolumeSource { Path = uri.Path, Type = create ? "DirectoryOrCreate" : "Directory" };
            return (new V1Volume { Name = name, HostPath = host }, mount);
        }
        if (uri.Path.Length > 0) mount.SubPath = uri.Path;
        return (new V1Volume { Name = name, PersistentVolumeClaim = new() { ClaimName = uri.Store } }, mount);
    }
}
