namespace AiDc.ControllerRuntime.Client;

/// <summary>What is worth reading of the answer to a write.</summary>
public sealed record WriteReceipt(string Name, string Uid, string ResourceVersion);
