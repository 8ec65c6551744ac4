using System.Net;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Configuration;
using AiDc.Operator.Serving.Demand;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Serving.Gateways;

/// <summary>
/// Deletes the pod of a gateway that has fallen silent and that cannot be connected to, so that the gateways' Service stops leading callers to it: a pod that is
/// about to end is no endpoint. The cluster itself would need the 40 seconds after which a node's lease is too old. A gateway that only ended is left to its
/// kubelet, which is as fast: its node still refuses connections. One that was out of reach for a moment ends as any pod does, and another has its place.
/// </summary>
/// <param name="options">Gateways run in the operator's namespace, as a service account of their own.</param>
internal sealed partial class GatewayWatch(
    ILeadership leadership, LoadBoard board, IKubernetesClient client, IReachability reachability, IOptions<OperatorOptions> options, TimeProvider clock, ILogger<GatewayWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<string> deleted = [];
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
        var suspects = LostGatewayPolicy.Suspects(board.Silences).ToList();
        deleted.IntersectWith(suspects);
        foreach (var instance in suspects.Where(s => !deleted.Contains(s)).ToList())
            if (await IsLostAsync(instance, ct)) deleted.Add(instance);
    }

    /// <summary>A leader that is new has not heard those yet that were lost together with the one before.</summary>
    private async Task ExpectAllAsync(CancellationToken ct)
    {
        var pods = await client.ListAsync<V1Pod>(options.Value.Namespace, null, ct);
        foreach (var pod in pods.Items.Where(p => p.Spec.ServiceAccountName == options.Value.GatewayServiceAccount && p.Metadata.DeletionTimestamp is null))
            board.Expect(LostGatewayPolicy.InstanceOf(pod.Metadata.Name, pod.Metadata.Uid));
        knowsAll = true;
    }

    private async Task<bool> IsLostAsync(string instance, CancellationToken ct)
    {
        if (LostGatewayPolicy.PodOf(instance, options.Value.Namespace) is not var (name, uid)) return false;
        var pod = await client.GetAsync<V1Pod>(name, ct);
        if (pod is null || pod.Metadata.Uid != uid || pod.Metadata.DeletionTimestamp is not null) return true;
        if (!IPAddress.TryParse(pod.Status?.PodIP, out var address) || pod.Spec.Containers[0].Ports is not [var port, ..]) return false;
        if (await reachability.AnswersAsync(new(address, port.ContainerPort), ct)) return false;
        Lost(name.Name, pod.Spec.NodeName ?? "");
        await client.DeleteAsync<V1Pod>(name, new(Uid: uid), ct);
        return true;
    }

    [LoggerMessage(3211, LogLevel.Warning, "Gateway {Pod} on node {Node} is silent and cannot be connected to: its pod is deleted, so that requests no longer go there")]
    private partial void Lost(string pod, string node);

    [LoggerMessage(3212, LogLevel.Warning, "Gateways that have fallen silent could not be looked at: {Why}")]
    private partial void NotNow(string why);
}
