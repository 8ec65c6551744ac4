namespace AiDc.ControllerRuntime.Controllers;

/// <param name="Timeout">Of one reconcile; null: the operator's.</param>
public sealed record ControllerSettings(string Name, int Workers, TimeSpan? Timeout);
