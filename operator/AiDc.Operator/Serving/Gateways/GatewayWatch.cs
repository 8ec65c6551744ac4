using System.Net;
using AiDc.Api;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Configuration;
using AiDc.Operator.Serving.Demand;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Serving.Gateways;

/// <summary>
/// Takes a gateway that is lost with its node out of the gateways' Service, so that no caller is led to it: first the label that the Service selects, then
/// the pod, by eviction. The cluster itself would need the 40 seconds after which a node's lease is too old. A gateway that only ended is left to its kubelet,
/// which is as fast: its node still refuses connections. That this replica of the operator hears nothing of a gateway and cannot connect to it is not enough:
/// a gateway on another node has to say the same, or the node has to be overdue. One at a time, and at most half of them.
/// </summary>
/// <param name="options">Gateways run in the operator's namespace, as a service account of their own.</param>
internal sealed partial class GatewayWatch(
    ILeadership leadership, LoadBoard board, IKubernetesClient client, IReachability reachability, IConfirmation confirmation,
    IOptions<OperatorOptions> options, TimeProvider clock, ILogger<GatewayWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<string> taken = [];
    private bool knowsAll;
    private string? said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!leadership.State.IsLeader) continue;
                await LookAsync(stoppingToken);
                said = null;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Once a reason, not once an attempt.
                if (said != e.Message) NotNow(e.Message);
                said = e.Message;
            }
        }
    }

    internal async Task LookAsync(CancellationToken ct)
    {
        if (!knowsAll) await ExpectAllAsync(ct);
        var gateways = board.Silences;
        var suspects = LostGatewayPolicy.Suspects(gateways).ToList();
        taken.IntersectWith(suspects);
        foreach (var instance in suspects.Where(s => !taken.Contains(s)).ToList())
        {
            if (!LostGatewayPolicy.MayTake(gateways, taken.Count)) return;
            if (!await TakesOutAsync(instance, LostGatewayPolicy.Heard(gateways).ToList(), ct)) continue;
            taken.Add(instance);
            return; // What comes of it is seen before the next one.
        }
    }

    /// <summary>A leader that is new has not heard those yet that were lost together with the one before.</summary>
    private async Task ExpectAllAsync(CancellationToken ct)
    {
        var pods = await client.ListAsync<V1Pod>(options.Value.Namespace, null, ct);
        foreach (var pod in pods.Items.Where(p => p.Spec.ServiceAccountName == options.Value.GatewayServiceAccount && p.Metadata.DeletionTimestamp is null))
            board.Expect(LostGatewayPolicy.InstanceOf(pod.Metadata.Name, pod.Metadata.Uid));
        knowsAll = true;
    }

    /// <returns>Whether callers are no longer led to it, by this or anyhow.</returns>
    private async Task<bool> TakesOutAsync(string instance, List<string> heard, CancellationToken ct)
    {
        if (LostGatewayPolicy.PodOf(instance, options.Value.Namespace) is not var (name, uid)) return false;
        var pod = await client.GetAsync<V1Pod>(name, ct);
        if (pod is null || pod.Metadata.Uid != uid || pod.Metadata.DeletionTimestamp is not null) return true;
        if (!IPAddress.TryParse(pod.Status?.PodIP, out var ip) || pod.Spec.Containers[0].Ports is not [var port, ..]) return false;
        var address = new IPEndPoint(ip, port.ContainerPort);
        if (await reachability.AnswersAsync(address, ct)) return false;
        var node = pod.Spec.NodeName ?? "";
        if (!await confirmation.IsGoneAsync(address, node, await ElsewhereAsync(heard, node, ct), ct)) return false;
        Lost(name.Name, node);
        await client.PatchMergeAsync<V1Pod>(name, new { metadata = new { uid, labels = new Dictionary<string, string> { [Labels.Component] = "lost-gateway" } } }, ct);
        await client.EvictAsync(name, uid, ct);
        return true;
    }

    /// <summary>Those of the gateways that run on other nodes: one on the same node is as cut off as it is.</summary>
    private async Task<List<string>> ElsewhereAsync(List<string> heard, string node, CancellationToken ct)
    {
        var pods = await client.ListAsync<V1Pod>(options.Value.Namespace, null, ct);
        var elsewhere = pods.Items.Where(p => p.Spec.NodeName is { } other && other != node)
            .Select(p => LostGatewayPolicy.InstanceOf(p.Metadata.Name, p.Metadata.Uid)).ToHashSet();
        return heard.FindAll(elsewhere.Contains);
    }

    [LoggerMessage(3211, LogLevel.Warning, "Gateway {Pod} on node {Node} is silent and cannot be connected to: so others find: it is taken out of the Service and evicted")]
    private partial void Lost(string pod, string node);

    [LoggerMessage(3212, LogLevel.Warning, "Gateways that have fallen silent could not be looked at: {Why}")]
    private partial void NotNow(string why);
}
