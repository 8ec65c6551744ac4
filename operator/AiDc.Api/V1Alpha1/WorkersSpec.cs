using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>The gang of pods.</summary>
public sealed record WorkersSpec
{
    /// <summary>The number of pods. Changing it while the job runs restarts the gang from the last checkpoint.</summary>
    [Range(1, 1000)]
    public int Replicas { get; init; } = 1;
}
