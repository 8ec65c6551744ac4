using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>Where checkpoints go, and how often.</summary>
public sealed record CheckpointSpec
{
    /// <summary>
    /// A folder of this job's own: pvc://claim/path, or hostpath:///folder where the operator allows that folder. Mounted at
    /// /checkpoint. The built-in trainer writes its result into the folder model in it.
    /// </summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

    /// <summary>The time between two checkpoints of the built-in trainer.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Every { get; init; } = "30s";

    /// <summary>How many checkpoints the built-in trainer keeps.</summary>
    [Range(1, 1000)]
    public int Keep { get; init; } = 3;
}
