using AiDc.Operator.Coordination.Sessions;

namespace AiDc.Operator.Serving.Demand;

/// <summary>The streams of gateways that are open: one a gateway.</summary>
internal sealed class GatewayStreams
{
    public SessionRegistry Registry { get; } = new();
}
