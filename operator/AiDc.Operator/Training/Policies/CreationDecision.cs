namespace AiDc.Operator.Training.Policies;

/// <summary>Which workers get their pods now.</summary>
/// <param name="Create">Their indexes.</param>
/// <param name="LookAgain">When to decide again, where something has to be waited for that has a time.</param>
/// <param name="WaitsFor">What is waited for, in words; null for nothing.</param>
public sealed record CreationDecision(IReadOnlyList<int> Create, TimeSpan? LookAgain = null, string? WaitsFor = null)
{
    public static CreationDecision Nothing { get; } = new([]);
}
