using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>Where checkpoints go, and how often.</summary>
public sealed record CheckpointSpec
{
    /// <summary>
    /// A folder of this job's own: pvc://claim/path, hostpath:///folder where the operator allows that folder, or s3://bucket/prefix.
    /// Mounted at /checkpoint, except for S3. The built-in trainer writes its result into the folder model in it.
    /// </summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

    /// <summary>For s3:// the Secret with the credentials, as in spec.trainer.data.secretRef; where both are in S3, the same for both.</summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>The time between two checkpoints of the built-in trainer.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Every { get; init; } = "30s";

    /// <summary>How many checkpoints the built-in trainer keeps.</summary>
    [Range(1, 1000)]
    public int Keep { get; init; } = 3;
}
