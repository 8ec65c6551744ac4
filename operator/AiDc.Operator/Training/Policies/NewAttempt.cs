using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Training.Policies;

/// <summary>The present gang, if any, ends, and another one starts.</summary>
/// <param name="Cause">The reason, as in the metric of restarts.</param>
/// <param name="Kind">How the attempt is counted.</param>
/// <param name="Failure">What went wrong, if something did.</param>
/// <param name="Delay">How long to wait before.</param>
/// <param name="FailuresInRow">How many there are then.</param>
public sealed record NewAttempt(
    string Cause, string Message, AttemptKind Kind, FailureStatus? Failure = null, TimeSpan Delay = default, int FailuresInRow = 0) : Verdict;
