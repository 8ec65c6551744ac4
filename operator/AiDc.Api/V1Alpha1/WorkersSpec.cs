using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>The gang of pods.</summary>
[Rule("!has(self.min) || self.min <= self.replicas", "workers.min is more than workers.replicas: lower min, or raise replicas")]
[Rule("!has(self.max) || self.replicas <= self.max", "workers.replicas is more than workers.max: lower replicas, or raise max")]
public sealed record WorkersSpec
{
    /// <summary>The most workers that a job has.</summary>
    public const int MaxReplicas = 1000;

    /// <summary>
    /// The number of pods. Changed while the job runs (also by kubectl scale), the built-in trainer of more than one worker is
    /// resized without a restart; everything else restarts from its last checkpoint.
    /// </summary>
    [Range(1, MaxReplicas)]
    public int Replicas { get; init; } = 1;

    /// <summary>
    /// The fewest workers of the built-in trainer that go on together after a loss, until a replacement has joined. Left out, the
    /// gang is rigid: the others keep their state in memory and wait for the replacement.
    /// </summary>
    [Range(1, 1000)]
    public int? Min { get; init; }

    /// <summary>The most workers that replicas may be set to, for what scales the job by itself. No bound of its own when left out.</summary>
    [Range(1, 1000)]
    public int? Max { get; init; }

    /// <summary>Processes of the built-in trainer in each pod, each with a GPU of its own where there are any. 0: one a GPU, or one.</summary>
    [Range(0, 64)]
    public int Processes { get; init; }
}
