namespace AiDc.Operator.Training.Policies;

/// <summary>The finished job has been kept long enough.</summary>
public sealed record Expire(string Message) : Verdict;
