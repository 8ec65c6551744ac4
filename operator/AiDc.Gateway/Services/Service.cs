using AiDc.ControllerRuntime;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Services;

/// <summary>A service as this gateway has it: what it is to do, its replicas, and what is going on.</summary>
internal sealed class Service : IDisposable
{
    private readonly Dictionary<NamespacedName, ReplicaProber> probers = [];
    private readonly Lock gate = new();
    private readonly ServiceDependencies needs;
    private volatile ServiceConfig? config;
    private volatile RateLimits limits = RateLimits.None;

    public Service(ServiceDependencies needs)
    {
        this.needs = needs;
        Dispatcher = new(needs.Clock, needs.Random, needs.MaxWaiting) { Starved = needs.Starved };
        Budget = new(needs.Clock);
    }

    /// <summary>Null while the InferenceService is not there: its pods may be seen first, or last.</summary>
    public ServiceConfig? Config => config;

    public RateLimits Limits => limits;

    public Dispatcher Dispatcher { get; }

    public RetryBudget Budget { get; }

    public void Configure(ServiceConfig next)
    {
        lock (gate)
        {
            if (next.RateLimit != config?.RateLimit)
            {
                var before = limits;
                limits = next.RateLimit is null ? RateLimits.None : new RateLimits(next.RateLimit);
                before.Dispose();
            }
            config = next;
            Dispatcher.Configure(next.Revisions, next.Concurrency);
        }
    }

    /// <summary>The InferenceService was deleted.</summary>
    /// <returns>Whether nothing is left of it.</returns>
    public bool Forget()
    {
        lock (gate)
        {
            config = null;
            Dispatcher.SendAway();
            return probers.Count == 0;
        }
    }

    public void Put(ReplicaAddress address)
    {
        lock (gate)
        {
            if (Dispatcher.Find(address.Pod) is { } known)
            {
                if (known.Address.Uid == address.Uid && known.Address.Host == address.Host && known.Address.HttpPort == address.HttpPort)
                {
                    Dispatcher.Update(known, address);
                    return;
                }
                Drop(known);
            }
            if (!address.Leaving) Add(address);
        }
    }

    /// <returns>Whether nothing is left of the service.</returns>
    public bool Remove(NamespacedName pod)
    {
        lock (gate)
        {
            if (Dispatcher.Find(pod) is { } known) Drop(known);
            return probers.Count == 0 && config is null;
        }
    }

    /// <summary>A request found the replica wanting: it gets no other before a probe has succeeded.</summary>
    public void Suspect(Replica replica, ProbeOutcome outcome)
    {
        Observe(replica, outcome);
        replica.Probe();
    }

    /// <summary>Enters how a request to the replica ended. One that fails while the others do not gets nothing for a while, whatever its probes say.</summary>
    public void Judge(Replica replica, bool failed)
    {
        if (Dispatcher.Judge(replica, failed)) needs.Ejected(replica.Address, ProbeOutcome.Failing);
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var prober in probers.Values) prober.Dispose();
            probers.Clear();
        }
        limits.Dispose();
    }

    private void Add(ReplicaAddress address)
    {
        var replica = new Replica(address, new ReplicaTransport(address, needs.Clock));
        Dispatcher.Add(replica);
        var prober = new ReplicaProber(() => replica.Address, outcome => Observe(replica, outcome), needs.Clock, needs.Random);
        replica.Probe = prober.Kick;
        probers[address.Pod] = prober;
    }

    private void Drop(Replica replica)
    {
        if (probers.Remove(replica.Address.Pod, out var prober)) prober.Dispose();
        Dispatcher.Remove(replica);
        replica.Transport.Dispose();
    }

    private bool Observe(Replica replica, ProbeOutcome outcome)
    {
        var (isIn, wentOut) = Dispatcher.Observe(replica, outcome);
        if (wentOut) needs.Ejected(replica.Address, outcome);
        return isIn;
    }
}

/// <summary>What every service needs of its surroundings.</summary>
/// <param name="Random">Uniform in [0, 1).</param>
/// <param name="MaxWaiting">The most requests of one service that wait at once.</param>
/// <param name="Starved">Called when a request waits and there is no replica.</param>
/// <param name="Ejected">Called when a replica that was in is out.</param>
internal sealed record ServiceDependencies(
    TimeProvider Clock, Func<double> Random, int MaxWaiting, Action Starved, Action<ReplicaAddress, ProbeOutcome> Ejected);
