using System.Collections.Immutable;

namespace AiDc.Operator.Coordination;

/// <summary>What the workers of one attempt of a job said, merged. Immutable.</summary>
public sealed record JobProgress(JobKey Job, int Attempt)
{
    /// <summary>The last step reported, or null before the first report of this attempt.</summary>
    public TrainingProgress? Training { get; init; }

    public TrainerPhase Phase { get; init; }

    /// <summary>When this leader first heard of a finished step of this attempt.</summary>
    public DateTimeOffset? FirstStepAt { get; init; }

    /// <summary>When this leader last heard of a step beyond those before, or of another phase: since then nothing has moved.</summary>
    public DateTimeOffset? AdvancedAt { get; init; }

    /// <summary>Seconds of a step that each worker computed, besides waiting for its peers, by its index; of those that say so.</summary>
    public ImmutableSortedDictionary<int, double> ComputeSeconds { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>The newest checkpoint of this attempt.</summary>
    public SavedCheckpoint? Checkpoint { get; init; }

    /// <summary>Set once the training said that it is done.</summary>
    public FinishedTraining? Finished { get; init; }

    /// <summary>When any worker of this attempt was last heard.</summary>
    public DateTimeOffset LastHeardAt { get; init; }
}
