using AiDc.ControllerRuntime;
using AiDc.Serving.V1;

namespace AiDc.Operator.Serving.Demand;

/// <summary>
/// Sums what gateways report. Their counters are since the start of their processes; the board's are since it was made, so that they go on rising when a
/// gateway restarts, leaves or comes. What a gateway has counted before it is first heard is not counted: it may have been told to another leader.
/// </summary>
internal sealed class LoadBoard(TimeProvider clock) : ILoadBoard
{
    /// <summary>A gateway that has said nothing for so long is not up to date; it reports twice a second.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <summary>For how long the counters of a gateway whose stream has ended are kept, for when it dials again.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, GatewayRecord> gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<NamespacedName, ServiceTotals> totals = [];

    public event Action<NamespacedName> Woken = delegate { };

    public event Action<NamespacedName> ReachChanged = delegate { };

    /// <summary>Gateways whose streams live.</summary>
    public int Count
    {
        get
        {
            lock (gate) return gateways.Values.Count(g => g.IsLive);
        }
    }

    /// <summary>How long ago each gateway was heard that has spoken to this replica in the last minutes, also those whose streams have ended.</summary>
    public IReadOnlyList<GatewaySilence> Silences
    {
        get
        {
            lock (gate) return [.. gateways.Select(g => new GatewaySilence(g.Key, clock.GetElapsedTime(g.Value.Heard)))];
        }
    }

    /// <summary>Enters a stream; dispose what is returned when it ends.</summary>
    public IDisposable Join(string instance)
    {
        lock (gate)
        {
            foreach (var (name, record) in gateways.ToList())
                if (!record.IsLive && clock.GetElapsedTime(record.LastReport ?? record.Left) > Remembered) gateways.Remove(name);
            if (!gateways.TryGetValue(instance, out var gateway)) gateways[instance] = gateway = new();
            gateway.Streams++;
            gateway.LastReport = null;
            gateway.Heard = clock.GetTimestamp();
            return new Link(this, instance);
        }
    }

    /// <summary>Notes a gateway that should be there and has not dialled yet.</summary>
    public void Expect(string instance)
    {
        lock (gate) gateways.TryAdd(instance, new() { Left = clock.GetTimestamp(), Heard = clock.GetTimestamp() });
    }

    /// <summary>Enters what a gateway says.</summary>
    public void Report(string instance, Load load)
    {
        List<NamespacedName> woken = [], reach = [];
        lock (gate)
        {
            if (!gateways.TryGetValue(instance, out var gateway)) return;
            gateway.LastReport = gateway.Heard = clock.GetTimestamp();
            foreach (var service in load.Services)
            {
                if (Parse(service.Service) is not { } name) continue;
                if (!totals.TryGetValue(name, out var sum)) totals[name] = sum = new();
                sum.Add(gateway.Services.GetValueOrDefault(name), service, isKnown: gateway.HasReported);
                if (service.Held > 0) woken.Add(name);
            }
            gateway.Services = load.Services.Where(s => Parse(s.Service) is not null).DistinctBy(s => s.Service).ToDictionary(s => Parse(s.Service)!.Value);
            gateway.HasReported = true;
            reach.AddRange(gateway.Reach([.. load.Unreachable.Select(Parse).OfType<NamespacedName>()]));
        }
        foreach (var name in woken.Distinct()) Woken(name);
        foreach (var pod in reach) ReachChanged(pod);
    }

    public ServiceReading Read(NamespacedName service)
    {
        lock (gate)
        {
            var live = gateways.Values.Where(g => g.IsLive).ToList();
            var loads = live.Select(g => g.Services.GetValueOrDefault(service)).OfType<ServiceLoad>().ToList();
            var complete = live.Count > 0 && live.TrueForAll(g => g.LastReport is { } at && clock.GetElapsedTime(at) <= Fresh);
            var sum = totals.GetValueOrDefault(service);
            return new(live.Count, complete, sum?.Arrivals ?? 0, loads.Sum(l => (int)l.Held), loads.Sum(l => (int)l.Queued), sum?.Read(loads) ?? new Dictionary<string, RevisionReading>());
        }
    }

    public bool IsUnreachable(NamespacedName pod)
    {
        lock (gate)
        {
            var live = gateways.Values.Where(g => g.IsLive).ToList();
            return live.Count > 0 && live.TrueForAll(g => g.Unreachable.GetValueOrDefault(pod) >= 2);
        }
    }

    public void Forget(NamespacedName service)
    {
        lock (gate) totals.Remove(service);
    }

    private void Leave(string instance)
    {
        List<NamespacedName> reach = [];
        lock (gate)
        {
            if (!gateways.TryGetValue(instance, out var gateway)) return;
            gateway.Streams--;
            gateway.Left = clock.GetTimestamp();
            if (!gateway.IsLive) reach.AddRange(gateway.Unreachable.Keys);
        }
        foreach (var pod in reach) ReachChanged(pod);
    }

    private static NamespacedName? Parse(string text)
    {
        var parts = text.Split('/');
        return parts is [{ Length: > 0 } ns, { Length: > 0 } name] ? new(ns, name) : null;
    }

    private sealed class GatewayRecord
    {
        public int Streams { get; set; }

        public bool IsLive => Streams > 0;

        /// <summary>By the monotonic clock; null since its present stream began.</summary>
        public long? LastReport { get; set; }

        public long Left { get; set; }

        /// <summary>When it last said something, hello included.</summary>
        public long Heard { get; set; }

        public bool HasReported { get; set; }

        public Dictionary<NamespacedName, ServiceLoad> Services { get; set; } = [];

        /// <summary>Pods that it cannot reach, and in how many reports in a row it has said so.</summary>
        public Dictionary<NamespacedName, int> Unreachable { get; private set; } = [];

        /// <returns>Those of which this may change what is thought.</returns>
        public IEnumerable<NamespacedName> Reach(IReadOnlyCollection<NamespacedName> now)
        {
            var before = Unreachable;
            Unreachable = now.Distinct().ToDictionary(p => p, p => before.GetValueOrDefault(p) + 1);
            return [.. Unreachable.Where(p => p.Value == 2).Select(p => p.Key), .. before.Keys.Where(p => !Unreachable.ContainsKey(p))];
        }
    }

    private sealed class Link(LoadBoard board, string instance) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) board.Leave(instance);
        }
    }
}
