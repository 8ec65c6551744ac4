using System.Net;
using AiDc.Operator.Nodes;
using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving.Gateways;

/// <summary>Whether others find what this replica of the operator has found: that it cannot reach something may be its own fault.</summary>
internal interface IConfirmation
{
    /// <param name="node">Of the address.</param>
    /// <param name="gateways">Instances that are heard, and run on other nodes.</param>
    Task<bool> IsGoneAsync(IPEndPoint address, string node, IReadOnlyList<string> gateways, CancellationToken ct);
}

/// <summary>
/// By what gateways see, and by the leases of nodes: where one gateway cannot connect to the address either and none can, or where none says anything and
/// the node is overdue.
/// </summary>
internal sealed class Confirmation(GatewayStreams streams, NodeWatch nodes, TimeProvider clock) : IConfirmation
{
    /// <summary>Longer than a gateway itself waits for a connection.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>More would not know better.</summary>
    private const int MostAsked = 3;

    public async Task<bool> IsGoneAsync(IPEndPoint address, string node, IReadOnlyList<string> gateways, CancellationToken ct)
    {
        var answers = await Task.WhenAll(gateways.Take(MostAsked).Select(g => streams.AskAsync(g, address.ToString(), Patience, clock, ct)));
        return !answers.Contains(true) && (answers.Contains(false) || nodes.IsLate(node));
    }
}
