using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AiDc.Api.Schema;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// What is. The defaults are also what the API server shows until the operator has written for the first time, so that
/// <c>kubectl get</c> is never empty.
/// </summary>
public sealed record TrainingJobStatus
{
    /// <summary>Where the job is in its life.</summary>
    [AllowedValues(
        TrainingJobPhase.Pending,
        TrainingJobPhase.Starting,
        TrainingJobPhase.Running,
        TrainingJobPhase.Recovering,
        TrainingJobPhase.Suspended,
        TrainingJobPhase.Succeeded,
        TrainingJobPhase.Failed)]
    public string Phase { get; init; } = TrainingJobPhase.Pending;

    /// <summary>What the job is doing, or what it is waiting for and why, in one line.</summary>
    public string Message { get; init; } = "not yet seen by the operator";

    /// <summary>The metadata.generation that this status answers.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The number of the present gang, which is in the names of its pods. Recorded before its pods are created.</summary>
    public int Attempt { get; init; }

    /// <summary>How often the gang was started again, whatever the cause.</summary>
    public int Restarts { get; init; }

    /// <summary>How many of the restarts count towards spec.failure.maxRestarts.</summary>
    public int CountedRestarts { get; init; }

    /// <summary>How many attempts in a row failed or did not start; the wait before the next one doubles with each. A long healthy run ends the row.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>When pods were first created for the job.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When pods were created for the present attempt.</summary>
    public DateTimeOffset? AttemptStartTime { get; init; }

    /// <summary>When the first training step was reported.</summary>
    public DateTimeOffset? FirstStepTime { get; init; }

    /// <summary>When the job finished.</summary>
    public DateTimeOffset? CompletionTime { get; init; }

    /// <summary>Since when the job is suspended.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>For how long the job was active up to the last suspension: what activeDeadline has used up.</summary>
    [Format(StringFormat.Duration)]
    public string? RunningTime { get; init; }

    /// <summary>Since when the time that is not in runningTime yet is counted; unset while suspended.</summary>
    public DateTimeOffset? ActiveSince { get; init; }

    /// <summary>When the next attempt starts.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }

    /// <summary>
    /// Valid (the spec makes sense), Started (all workers ran at least once), Running (all workers run now), Straggler (a worker is
    /// persistently slower than its peers), Suspended, Complete and Failed.
    /// </summary>
    [ListMapKey("type")]
    public IReadOnlyList<V1Condition> Conditions { get; init; } = [];

    /// <summary>The pods of the present attempt.</summary>
    public WorkersStatus? Workers { get; init; }

    /// <summary>Who trains together, in a distributed gang.</summary>
    public MembershipStatus? Membership { get; init; }

    /// <summary>Workers of the present attempt that got a new pod. Written before the pod is created.</summary>
    public IReadOnlyList<WorkerReplacement>? Replacements { get; init; }

    /// <summary>Nodes that new workers are kept off for now, for what happened there.</summary>
    [MaxLength(AvoidedNode.Max)]
    public IReadOnlyList<AvoidedNode>? AvoidedNodes { get; init; }

    /// <summary>How far the training is, as reported by worker 0.</summary>
    public ProgressStatus? Progress { get; init; }

    /// <summary>The failure before the present attempt, or the one that ended the job.</summary>
    public FailureStatus? LastFailure { get; init; }

    /// <summary>The last checkpoint reported.</summary>
    public CheckpointStatus? Checkpoint { get; init; }

    /// <summary>What a job that succeeded has left.</summary>
    public ResultStatus? Result { get; init; }
}

/// <summary>A checkpoint that a worker has reported as written.</summary>
public sealed record CheckpointStatus
{
    /// <summary>The attempt that wrote it.</summary>
    public int? Generation { get; init; }

    /// <summary>Steps done in it.</summary>
    public long? Step { get; init; }

    /// <summary>Where it is.</summary>
    public string? Uri { get; init; }

    /// <summary>When it was reported.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>How far the training is. Written at most every 5 s. Figures that are not finite are left out.</summary>
public sealed record ProgressStatus
{
    /// <summary>The share done and the epoch, for people: 45% (5/10).</summary>
    public string? Summary { get; init; }

    /// <summary>The epoch being trained, from 1.</summary>
    public int? Epoch { get; init; }

    /// <summary>All epochs.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps done.</summary>
    public long? Step { get; init; }

    /// <summary>All steps.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>The training loss.</summary>
    public double? Loss { get; init; }

    /// <summary>Other figures by name, such as validationAccuracy.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>Samples per second over all workers.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The time until the end at the present speed.</summary>
    [Format(StringFormat.Duration)]
    public string? Eta { get; init; }

    /// <summary>When this was reported.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The text for <see cref="Summary"/>: as much as is known, null when nothing is.</summary>
    public static string? Summarize(int? epoch, int? epochs, long? step, long? totalSteps)
    {
        var epochText = (epoch, epochs) switch
        {
            ({ } e, { } all) => string.Create(CultureInfo.InvariantCulture, $"{e}/{all}"),
            ({ } e, null) => string.Create(CultureInfo.InvariantCulture, $"epoch {e}"),
            _ => null,
        };
        var share = step is { } done && totalSteps is > 0 and { } total
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(done * 100 / total, 0, 100)}%")
            : step is { } s ? string.Create(CultureInfo.InvariantCulture, $"step {s}") : null;
        return (share, epochText) switch
        {
            (null, _) => epochText,
            (_, null) => share,
            _ => $"{share} ({epochText})",
        };
    }
}

/// <summary>What a job that succeeded has left.</summary>
public sealed record ResultStatus
{
    /// <summary>Where the model is.</summary>
    public string? Uri { get; init; }

    /// <summary>Figures of the finished model by name, such as testAccuracy.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
}
