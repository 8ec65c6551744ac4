namespace AiDc.Operator.Training.Policies;

/// <summary>No pod may be created until the spec is mended; what runs goes on.</summary>
/// <param name="Message">The fields, what is wrong with them, and the mends.</param>
public sealed record Hold(string Message) : Verdict;
