using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Training.Policies;

/// <summary>What a policy wants to happen to a job.</summary>
public abstract record Verdict;

/// <summary>The present gang, if any, ends, and another one starts.</summary>
/// <param name="Cause">The reason, as in the metric of restarts.</param>
/// <param name="Kind">How the attempt is counted.</param>
/// <param name="Failure">What went wrong, if something did.</param>
/// <param name="Delay">How long to wait before.</param>
/// <param name="FailuresInRow">How many there are then.</param>
public sealed record NewAttempt(
    string Cause, string Message, AttemptKind Kind, FailureStatus? Failure = null, TimeSpan Delay = default, int FailuresInRow = 0) : Verdict;

/// <summary>How a new attempt is counted.</summary>
public enum AttemptKind
{
    /// <summary>The first one, or the one after a suspension: no restart.</summary>
    Start,

    /// <summary>A restart that is not the job's own fault, or that its rules forgive.</summary>
    Restart,

    /// <summary>A restart that counts towards spec.failure.maxRestarts.</summary>
    CountedRestart,
}

/// <summary>The job ends for good.</summary>
public sealed record Finish(bool Success, string Reason, string Message, FailureStatus? Failure = null) : Verdict;

/// <summary>The gang ends and the job waits until it is resumed.</summary>
public sealed record Suspend : Verdict;

/// <summary>No pod may be created until the spec is fixed; what runs goes on.</summary>
/// <param name="Message">The fields, what is wrong with them, and the fixes.</param>
public sealed record InvalidSpec(string Message) : Verdict;

/// <summary>The finished job has been kept long enough.</summary>
public sealed record Expire(string Message) : Verdict;
