namespace AiDc.Operator.Training.Policies;

/// <summary>The gang ends and the job waits until it is resumed.</summary>
public sealed record Suspend : Verdict;
