using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Training.Policies;

/// <summary>The job ends for good.</summary>
public sealed record Finish(bool Success, string Reason, string Message, FailureStatus? Failure = null) : Verdict;
