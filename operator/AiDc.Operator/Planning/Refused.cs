namespace AiDc.Operator.Planning;

/// <summary>The API server refused to create something, for a reason that a person has to mend.</summary>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
public sealed record Refused(string Reason, string Message);
