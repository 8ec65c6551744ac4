namespace AiDc.ControllerRuntime.Controllers;

/// <param name="Kind">What it reconciles: its writes are remembered for objects of this kind.</param>
/// <param name="Timeout">Of one reconcile; null: the operator's.</param>
public sealed record ControllerSettings(string Name, Type Kind, int Workers, TimeSpan? Timeout);
