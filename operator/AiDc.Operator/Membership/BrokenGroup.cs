namespace AiDc.Operator.Membership;

/// <summary>A worker's report that a collective failed.</summary>
/// <param name="ClosedRanks">Processes whose connection was closed. Empty where it only timed out: in a ring that names nobody.</param>
/// <param name="At">When it was heard, by the leader's monotonic clock.</param>
public sealed record BrokenGroup(long Generation, IReadOnlyList<int> ClosedRanks, string Reason, TimeSpan At);
