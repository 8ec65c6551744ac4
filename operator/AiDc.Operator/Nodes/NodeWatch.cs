using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Nodes;

/// <summary>
/// Knows which nodes are dead, deleted, cordoned or short of GPUs, and says which has changed. A lease that stops makes no event:
/// so it looks every second.
/// </summary>
public sealed partial class NodeWatch : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly ResourceInformer<ObservedNode> nodes;
    private readonly IStore<ObservedPod> pods;
    private readonly string gpuResource;
    private readonly TimeProvider clock;
    private readonly ILogger<NodeWatch> logger;
    private readonly Lock gate = new();
    private readonly DeletedNodes deleted;
    private readonly long start;
    private volatile LeaseBook book = new();
    private HashSet<string> dead = [];

    /// <param name="gpuResource">The extended resource that counts as a GPU.</param>
    public NodeWatch(
        ResourceInformer<ObservedNode> nodes, ResourceInformer<NodeLease> leases, IStore<ObservedPod> pods,
        string gpuResource, TimeProvider clock, ILogger<NodeWatch> logger)
    {
        (this.nodes, this.pods, this.gpuResource, this.clock, this.logger) = (nodes, pods, gpuResource, clock, logger);
        deleted = new(clock);
        start = clock.GetTimestamp();
        // Here, because informers take no more subscribers once they run.
        leases.Subscribe(OnLease);
        nodes.Subscribe(OnNode);
    }

    /// <summary>Something that matters of a node has changed. Handlers must be quick, and subscribe before the informers run.</summary>
    public event Action<string>? Changed;

    /// <summary>A node as it is known; null where nothing is known against it.</summary>
    public NodeView? Of(string name)
    {
        var node = nodes.Get(new(null, name));
        if (node is null)
            return deleted.Has(name) ? new(name) { IsDeleted = true } : null;
        return NodeView.Of(node, book.DeadFor(name), pods.ByIndex(ObservedPod.ByNode, name), gpuResource);
    }

    /// <summary>Nodes that the scheduler may still think well of, though they are dead. It knows itself of those that are not ready.</summary>
    public IReadOnlyList<string> Unfit() => [.. book.Dead().Order(StringComparer.Ordinal)];

    /// <summary>Whether a node has missed a renewal of its lease.</summary>
    public bool IsLate(string name) => book.IsLate(name);

    /// <summary>Those that new pods may go to.</summary>
    public IReadOnlyList<string> Fit() =>
        [.. nodes.List().Where(n => n.IsReady && !n.Spec.Unschedulable && book.DeadFor(n.Metadata.Name) is null).Select(n => n.Metadata.Name).Order(StringComparer.Ordinal)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Look();
    }

    private void Look()
    {
        HashSet<string> now = [.. book.Dead()];
        foreach (var node in now.Except(dead))
        {
            LogDead(logger, node, book.DeadFor(node)?.TotalSeconds ?? 0);
            Changed?.Invoke(node);
        }
        foreach (var node in dead.Except(now))
        {
            LogBack(logger, node);
            Changed?.Invoke(node);
        }
        dead = now;
        deleted.Forget(name => pods.ByIndex(ObservedPod.ByNode, name).Count > 0);
    }

    private void OnLease(StoreEvent<NodeLease> change)
    {
        var (name, spec, now) = (change.Value.Metadata.Name, change.Value.Spec, clock.GetElapsedTime(start));
        lock (gate)
            book = change.Kind == StoreEventKind.Deleted ? book.Gone(name) : book.Saw(name, spec.RenewTime, spec.LeaseDurationSeconds, now);
    }

    private void OnNode(StoreEvent<ObservedNode> change)
    {
        var name = change.Value.Metadata.Name;
        if (change.Kind == StoreEventKind.Deleted) deleted.Add(name);
        else deleted.Remove(name);
        if (change.Old is null || change.Kind == StoreEventKind.Deleted || !change.Old.LooksLike(change.Value)) Changed?.Invoke(name);
    }

    [LoggerMessage(1101, LogLevel.Warning, "Node {Node} has not renewed its lease for {Seconds:0} s: its pods are taken for lost")]
    private static partial void LogDead(ILogger logger, string node, double seconds);

    [LoggerMessage(1102, LogLevel.Information, "Node {Node} renews its lease again")]
    private static partial void LogBack(ILogger logger, string node);
}
