namespace AiDc.Operator.Training.Policies;

/// <summary>What a policy wants to happen to a job.</summary>
public abstract record Verdict;
