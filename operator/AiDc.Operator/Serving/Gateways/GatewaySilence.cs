namespace AiDc.Operator.Serving.Gateways;

/// <summary>A gateway's process, and how long ago it was heard.</summary>
/// <param name="Instance">pod/uid, as it says hello with.</param>
internal sealed record GatewaySilence(string Instance, TimeSpan Silence);
