namespace AiDc.Gateway.Demand;

/// <summary>One attempt to reach the operator, and how it came to it.</summary>
/// <param name="After">Waited before it.</param>
/// <param name="Failures">Attempts in a row that led to nothing.</param>
/// <param name="Redirects">Redirections in a row.</param>
internal sealed record Dial(Uri Address, TimeSpan After, int Failures, int Redirects);
