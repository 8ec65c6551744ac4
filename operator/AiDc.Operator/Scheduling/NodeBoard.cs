namespace AiDc.Operator.Scheduling;

/// <summary>
/// What is free on each node, now and later: rows of an array, and for each node the list of what it will get back and give away, by time. Nodes are in
/// the order of their names, so that a decision does not depend on the order in which they were listed. Times are seconds from now.
/// </summary>
internal sealed class NodeBoard
{
    private readonly Dictionary<string, int> indexes;
    private readonly Dictionary<string, Topology> topologies = new(StringComparer.Ordinal);
    private readonly long[] capacity;
    private readonly long[] free;
    private readonly int[] firstEvent;
    private readonly int[] takes;
    private NodeEvent[] events;
    private int eventCount;

    public NodeBoard(SchedulingSnapshot snapshot)
    {
        Resources = snapshot.Resources.Count;
        Nodes = [.. snapshot.Nodes.DistinctBy(n => n.Name).OrderBy(n => n.Name, StringComparer.Ordinal)];
        indexes = new(Nodes.Length, StringComparer.Ordinal);
        capacity = new long[Nodes.Length * Resources];
        firstEvent = new int[Nodes.Length];
        takes = new int[Nodes.Length];
        events = new NodeEvent[Math.Max(64, Nodes.Length * 4)];
        Array.Fill(firstEvent, -1);
        for (var n = 0; n < Nodes.Length; n++)
        {
            indexes.Add(Nodes[n].Name, n);
            for (var r = 0; r < Resources; r++) capacity[(n * Resources) + r] = Math.Max(0, Nodes[n].Allocatable[r]);
        }
        free = [.. capacity];
        foreach (var pod in snapshot.Pods)
            if (indexes.TryGetValue(pod.Node, out var node)) Take(node, new(-1, pod.Requests, [node], 0, double.PositiveInfinity));
    }

    public int Resources { get; }

    public SchedulingNode[] Nodes { get; }

    /// <summary>What was taken of others and given back, in this cycle: the shapes whose counts have to follow subscribe.</summary>
    public Action<int>? Changed { get; set; }

    /// <returns>-1 where the node is not there.</returns>
    public int IndexOf(string name) => indexes.GetValueOrDefault(name, -1);

    public ReadOnlySpan<long> FreeOf(int node) => free.AsSpan(node * Resources, Resources);

    public ReadOnlySpan<long> CapacityOf(int node) => capacity.AsSpan(node * Resources, Resources);

    /// <summary>Somebody higher in order will take something of it.</summary>
    public bool HasTakes(int node) => takes[node] > 0;

    public void Take(int node, Hold hold) => Change(node, hold, -1);

    public void Give(int node, Hold hold) => Change(node, hold, 1);

    /// <summary>Notes that a hold takes or gives back one pod of its own on a node at a time to come.</summary>
    public void Note(int node, double at, Hold hold, bool isTake)
    {
        if (eventCount == events.Length) Array.Resize(ref events, events.Length * 2);
        if (isTake) takes[node]++;
        ref var link = ref firstEvent[node];
        // At one moment what is given back comes first.
        while (link >= 0 && (events[link].At < at || (events[link].At == at && (isTake || !events[link].IsTake)))) link = ref events[link].Next;
        events[eventCount] = new() { At = at, Hold = hold, IsTake = isTake, Next = link };
        link = eventCount++;
    }

    /// <summary>How many pods fit on a node through all of an interval, at most <paramref name="most"/>.</summary>
    public int Fitting(int node, Amounts request, bool wholeNode, int most, double from, double until)
    {
        Span<long> now = stackalloc long[Resources];
        FreeOf(node).CopyTo(now);
        var e = firstEvent[node];
        for (; e >= 0 && events[e].At <= from; e = events[e].Next) Apply(ref events[e], node, now);
        var fits = Count(now, node, request, wholeNode, most);
        for (; fits > 0 && e >= 0 && events[e].At < until; e = events[e].Next)
        {
            Apply(ref events[e], node, now);
            if (events[e].IsTake && events[e].Hold.IsAlive) fits = Count(now, node, request, wholeNode, fits);
        }
        return fits;
    }

    /// <summary>The same of what is free now.</summary>
    public int FittingNow(int node, Amounts request, bool wholeNode, int most) => Count(FreeOf(node), node, request, wholeNode, most);

    /// <summary>The same of an empty node.</summary>
    public int FittingEver(int node, Amounts request, bool wholeNode, int most) => Count(CapacityOf(node), node, request, wholeNode, most);

    public Topology TopologyOf(string? required, string? preferred)
    {
        var key = $"{required}\n{preferred}";
        if (!topologies.TryGetValue(key, out var topology)) topologies[key] = topology = Topology.Of(Nodes, required, preferred);
        return topology;
    }

    private void Apply(ref NodeEvent change, int node, Span<long> now)
    {
        if (!change.Hold.IsAlive) return;
        for (var r = 0; r < Resources; r++)
        {
            var amount = AmountOf(change.Hold, node, r);
            now[r] = Saturating(now[r], change.IsTake ? -amount : amount);
        }
    }

    private void Change(int node, Hold hold, int sign)
    {
        for (var r = 0; r < Resources; r++) free[(node * Resources) + r] = Saturating(free[(node * Resources) + r], sign * AmountOf(hold, node, r));
        Changed?.Invoke(node);
    }

    /// <summary>Who has a node for itself holds all of the scarce resource, whatever it asks for.</summary>
    private long AmountOf(Hold hold, int node, int resource) =>
        hold.WholeNodes && resource == 0 ? Math.Max(hold.PerPod[0], capacity[node * Resources]) : Math.Max(0, hold.PerPod[resource]);

    private int Count(ReadOnlySpan<long> amounts, int node, Amounts request, bool wholeNode, int most)
    {
        long fits = most;
        for (var r = 0; r < Resources && fits > 0; r++)
        {
            var each = request[r];
            if (each <= 0) continue;
            if (amounts[r] < each) return 0;
            // A division costs more than all the rest: most gangs are small, and most nodes have enough for all of one or for none.
            if (amounts[r] / fits < each) fits = amounts[r] / each;
        }
        if (!wholeNode || fits <= 0) return (int)Math.Max(0, fits);
        return amounts[0] == capacity[node * Resources] ? 1 : 0;
    }

    private static long Saturating(long left, long right)
    {
        var sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) < 0 ? (left < 0 ? long.MinValue : long.MaxValue) : sum;
    }

    private struct NodeEvent
    {
        public double At;
        public Hold Hold;
        public bool IsTake;
        public int Next;
    }
}

/// <summary>Pods of one job on their nodes for a time: those that run, those of a plan, and apart the ones that an elastic job could give back.</summary>
internal sealed class Hold(int job, Amounts perPod, int[] nodes, double start, double end)
{
    public int Job => job;

    public Amounts PerPod => perPod;

    /// <summary>Of each pod; without those whose node is gone.</summary>
    public int[] Nodes => nodes;

    /// <summary>0 or less: it runs.</summary>
    public double Start => start;

    /// <summary>Infinite: not known.</summary>
    public double End => end;

    /// <summary>Pods that count against the quota, on nodes or not.</summary>
    public int Size { get; init; } = nodes.Length;

    /// <summary>Index of queue and flavour in the <see cref="QuotaLedger"/>; -1: it counts against none.</summary>
    public int Account { get; init; } = -1;

    /// <summary>Nobody else gets of the scarce resource of its nodes.</summary>
    public bool WholeNodes { get; init; }

    /// <summary>What an elastic job holds above its minimum.</summary>
    public bool IsSurplus { get; init; }

    /// <summary>False once it was taken away.</summary>
    public bool IsAlive { get; set; } = true;
}

/// <summary>Which nodes belong together by the values of their labels. Nodes without the label belong to no domain (-1).</summary>
internal sealed record Topology(string? Label, IReadOnlyList<string> Names, int[] DomainOf)
{
    public static Topology Of(SchedulingNode[] nodes, string? required, string? preferred)
    {
        var label = preferred ?? required;
        Dictionary<string, int> domains = new(StringComparer.Ordinal);
        List<string> names = [];
        var domainOf = new int[nodes.Length];
        for (var n = 0; n < nodes.Length; n++)
        {
            domainOf[n] = -1;
            string? outer = "", inner = "";
            if (required is not null && !nodes[n].Labels.TryGetValue(required, out outer)) continue;
            if (preferred is not null && !nodes[n].Labels.TryGetValue(preferred, out inner)) continue;
            // A narrow domain that is named alike in two wide ones is two.
            var key = $"{outer}\n{inner}";
            if (!domains.TryGetValue(key, out domainOf[n]))
            {
                domains[key] = domainOf[n] = names.Count;
                names.Add(preferred is not null ? inner! : outer!);
            }
        }
        return new(label, names, domainOf);
    }
}
