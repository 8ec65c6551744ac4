namespace AiDc.ControllerRuntime.Leadership;

/// <summary>What a Lease says.</summary>
/// <param name="Holder">Null or empty: released.</param>
/// <param name="Duration">How long its holder asks to be waited for.</param>
/// <param name="ResourceVersion">Changes with every renewal.</param>
public sealed record LeaseView(string? Holder, TimeSpan Duration, int Transitions, string ResourceVersion);
