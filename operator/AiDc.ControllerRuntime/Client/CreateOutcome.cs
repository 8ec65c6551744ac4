namespace AiDc.ControllerRuntime.Client;

/// <summary>One object of a bulk create: exactly one of <see cref="Receipt"/> and <see cref="Error"/> is set.</summary>
public sealed record CreateOutcome<T>(T Desired, WriteReceipt? Receipt, ApiException? Error);
