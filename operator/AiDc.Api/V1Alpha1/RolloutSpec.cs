using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How replicas of a new revision replace those of the one before.</summary>
[Rule("self.maxSurge + self.maxUnavailable > 0", "with rollout.maxSurge and rollout.maxUnavailable both 0 no replica can be replaced: set one of them to 1 or more")]
public sealed record RolloutSpec
{
    /// <summary>How many replicas there may be above the number wanted while a rollout goes on. 0 where there are no GPUs to spare.</summary>
    [Range(0, 1000)]
    public int MaxSurge { get; init; } = 1;

    /// <summary>How many of the replicas wanted may be missing while a rollout goes on.</summary>
    [Range(0, 1000)]
    public int MaxUnavailable { get; init; }
}
