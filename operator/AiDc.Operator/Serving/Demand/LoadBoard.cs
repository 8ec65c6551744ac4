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

    /// <summary>Of one gateway, more than there can be: a gateway that has gone mad costs no more memory than these.</summary>
    private const int MostServices = 200_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, GatewayRecord> gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<NamespacedName, ServiceTotals> totals = [];

    /// <summary>Services that were deleted and that a gateway still mentions.</summary>
    private readonly HashSet<NamespacedName> forgotten = [];

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

    /// <summary>Services of which something is counted.</summary>
    internal IReadOnlyCollection<NamespacedName> Known
    {
        get
        {
            lock (gate) return [.. totals.Keys];
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
            gateway.BeginStream();
            gateway.Heard = clock.GetTimestamp();
            return new Link(this, instance);
        }
    }

    /// <summary>Notes a gateway that should be there and has not dialled yet.</summary>
    public void Expect(string instance)
    {
        lock (gate) gateways.TryAdd(instance, new() { Left = clock.GetTimestamp(), Heard = clock.GetTimestamp() });
    }

    /// <summary>Enters what a gateway says: a report, or a part of one.</summary>
    public void Report(string instance, Load load)
    {
        List<NamespacedName> woken = [], reach = [];
        lock (gate)
        {
            if (!gateways.TryGetValue(instance, out var gateway)) return;
            gateway.Heard = clock.GetTimestamp();
            gateway.BeginPart(load.Changes);
            foreach (var service in load.Services)
            {
                if (Parse(service.Service) is not { } name || !gateway.Takes(name)) continue;
                var before = gateway.Put(name, service);
                if (service.Held > 0) woken.Add(name);
                if (forgotten.Contains(name)) continue;
                if (!totals.TryGetValue(name, out var sum)) totals[name] = sum = new();
                sum.Add(before, service, isKnown: gateway.HasReported);
            }
            foreach (var name in load.Gone.Select(Parse).OfType<NamespacedName>()) gateway.Drop(name);
            gateway.CannotReach(load.Unreachable.Select(Parse).OfType<NamespacedName>());
            if (!load.More)
            {
                reach.AddRange(gateway.EndReport());
                gateway.LastReport = gateway.Heard;
                if (forgotten.Count > 0) forgotten.RemoveWhere(name => !gateways.Values.Any(g => g.Services.ContainsKey(name)));
            }
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
            // Whoever asks knows of a service of this name: it is there again, and counts anew.
            forgotten.Remove(service);
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
        lock (gate)
        {
            totals.Remove(service);
            // What gateways still say of it would bring it back.
            if (gateways.Values.Any(g => g.Services.ContainsKey(service))) forgotten.Add(service);
        }
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

        /// <summary>Whether one report of it came whole: then what it counts of a service for the first time is new.</summary>
        public bool HasReported { get; private set; }

        public Dictionary<NamespacedName, ServiceLoad> Services { get; private set; } = [];

        /// <summary>Pods that it cannot reach, and in how many reports in a row it has said so.</summary>
        public Dictionary<NamespacedName, int> Unreachable { get; private set; } = [];

        // Of the report that comes in parts. That of all services takes the place of what was known once it is whole.
        private Dictionary<NamespacedName, ServiceLoad>? all;
        private HashSet<NamespacedName>? unreachable;

        /// <summary>A stream begins: a report that the one before had begun will not come to its end.</summary>
        public void BeginStream() => (all, unreachable, LastReport) = (null, null, null);

        public void BeginPart(bool changes)
        {
            if (unreachable is not null) return;
            unreachable = [];
            all = changes ? null : [];
        }

        /// <summary>Whether there is room: what comes from outside is bounded.</summary>
        public bool Takes(NamespacedName name) => (all ?? Services).Count < MostServices || (all ?? Services).ContainsKey(name);

        /// <returns>What it said of the service before; null for nothing.</returns>
        public ServiceLoad? Put(NamespacedName name, ServiceLoad service)
        {
            var before = all?.GetValueOrDefault(name) ?? Services.GetValueOrDefault(name);
            (all ?? Services)[name] = service;
            return before;
        }

        public void Drop(NamespacedName name) => (all ?? Services).Remove(name);

        public void CannotReach(IEnumerable<NamespacedName> pods)
        {
            foreach (var pod in pods)
                if (unreachable!.Count < MostServices) unreachable.Add(pod);
        }

        /// <returns>Pods of which this may change what is thought.</returns>
        public IEnumerable<NamespacedName> EndReport()
        {
            var before = Unreachable;
            Unreachable = unreachable!.ToDictionary(p => p, p => before.GetValueOrDefault(p) + 1);
            if (all is not null) Services = all;
            (all, unreachable, HasReported) = (null, null, true);
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
