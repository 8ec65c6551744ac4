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

    /// <summary>When this leader last heard anything new of this attempt: a step, another phase, more of the data read.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Seconds of a step that each worker computed, besides waiting for its peers, by its index; of those that say so.</summary>
    public ImmutableSortedDictionary<int, double> ComputeSeconds { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>The newest checkpoint of this attempt.</summary>
    public SavedCheckpoint? Checkpoint { get; init; }

    /// <summary>Set once the training said that it is done.</summary>
    public FinishedTraining? Finished { get; init; }

    /// <summary>When any worker of this attempt was last heard.</summary>
    public DateTimeOffset LastHeardAt { get; init; }
}

/// <summary>One report of how far a training is. What a worker did not say is null; numbers are finite.</summary>
public sealed record TrainingProgress
{
    public static readonly IReadOnlyDictionary<string, double> NoMetrics = new Dictionary<string, double>();

    /// <summary>The epoch in work, counted from 1.</summary>
    public int? Epoch { get; init; }

    public int? Epochs { get; init; }

    /// <summary>Steps done since the training began, restarts included.</summary>
    public long? Step { get; init; }

    public long? TotalSteps { get; init; }

    public double? Loss { get; init; }

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = NoMetrics;

    public double? SamplesPerSecond { get; init; }

    /// <summary>Mean time of a step since the report before, in seconds.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>Share of the time, 0 to 1, that steps waited for data.</summary>
    public double? DataWaitShare { get; init; }

    /// <summary>False while a resumed training only tells where it stands: no step of this attempt is done yet.</summary>
    public bool StepDone { get; init; }

    public int WorkerIndex { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What a worker is busy with, as its heartbeat says.</summary>
public enum TrainerPhase
{
    Unknown,
    Loading,
    Training,
    Validating,
    Testing,
}

/// <summary>A checkpoint that a worker has written whole. <paramref name="Path"/> is as the worker sees it; <paramref name="Seconds"/> is how long the writing took.</summary>
public sealed record SavedCheckpoint(int Generation, long Step, string Path, long Bytes, double Seconds, DateTimeOffset At);

/// <summary>The end of a training. <paramref name="ResultPath"/> is the bundle as the worker sees it.</summary>
public sealed record FinishedTraining(string ResultPath, IReadOnlyDictionary<string, double> Metrics, DateTimeOffset At);

/// <summary>
/// What workers of running jobs last said of themselves, in the leader's memory. A new leader starts with an empty board and hears again
/// from each worker within seconds: no entry means "nothing heard yet", never "nothing done".
/// </summary>
public interface IProgressBoard
{
    /// <summary>What is known of a job, or null.</summary>
    JobProgress? Get(string jobUid);

    /// <summary>
    /// Raised when <see cref="Get"/> would answer something worth a look: at once for the first step of an attempt, a checkpoint and the
    /// finish, else at most every 5 s a job. Handlers only enqueue; they run on the worker's stream.
    /// </summary>
    event Action<JobKey>? Changed;

    /// <summary>Drops what is known of a job that is finished with or gone.</summary>
    void Forget(string jobUid);
}
