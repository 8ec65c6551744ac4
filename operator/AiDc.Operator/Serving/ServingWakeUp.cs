using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Nodes;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving;

/// <summary>
/// Has services looked at for causes that no watch of theirs shows: requests that wait, replicas that no gateway reaches, nodes that change. Also ends the
/// streams of gateways where this replica stops leading, so that they look for the leader at once.
/// </summary>
internal sealed class ServingWakeUp(
    ILoadBoard board, NodeWatch nodes, IStore<ServingPod> pods, IRequestQueue<InferenceServiceReconciler> queue, GatewayStreams streams, ILeadership? leadership = null)
    : IHostedService
{
    /// <summary>The index of the pods' store by node.</summary>
    public const string ByNode = "node";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        board.Woken += Wake;
        board.ReachChanged += WakePod;
        nodes.Changed += WakeNode;
        if (leadership is not null) leadership.Changed += OnLeadership;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        board.Woken -= Wake;
        board.ReachChanged -= WakePod;
        nodes.Changed -= WakeNode;
        if (leadership is not null) leadership.Changed -= OnLeadership;
        return Task.CompletedTask;
    }

    /// <summary>The service that a pod is a replica of.</summary>
    public static IEnumerable<Request> ServiceOf(ServingPod pod) =>
        pod.Service is { } service ? [new(new NamespacedName(pod.Metadata.NamespaceProperty, service))] : [];

    private void Wake(NamespacedName service) => queue.Enqueue(service);

    private void WakePod(NamespacedName name)
    {
        if (pods.Get(name) is { } pod) WakeServices([pod]);
    }

    private void WakeNode(string node) => WakeServices(pods.ByIndex(ByNode, node));

    private void WakeServices(IEnumerable<ServingPod> changed)
    {
        foreach (var service in changed.SelectMany(ServiceOf).Distinct()) queue.Enqueue(service.Name);
    }

    private void OnLeadership(LeadershipState state)
    {
        if (!state.IsLeader) streams.Registry.EndAll();
    }
}
