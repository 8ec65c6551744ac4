namespace AiDc.Operator.Scheduling;

/// <summary>What one cycle works on: who holds what and until when, who waits, and what was decided so far.</summary>
internal sealed class Cycle
{
    private readonly Dictionary<string, Shape> shapes = new(StringComparer.Ordinal);
    private readonly List<Shape> followers = [];
    private readonly HashSet<int> takenNodes = [];
    private readonly int[] plannedInPool;

    public Cycle(SchedulingSnapshot snapshot, DateTimeOffset now)
    {
        (Snapshot, Now) = (snapshot, now);
        Origin = new(now.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, now.Offset);
        Board = new(snapshot);
        SchedulingQueue[] queues = [.. snapshot.Queues.DistinctBy(q => q.Name).OrderBy(q => q.Name, StringComparer.Ordinal)];
        Ledger = new(queues, Board.Resources);
        plannedInPool = new int[Ledger.Count];
        var byName = queues.Select((q, i) => (q, i)).ToDictionary(p => p.q.Name, p => p.i, StringComparer.Ordinal);
        Jobs = [.. snapshot.Jobs.OrderBy(j => j.Name, StringComparer.Ordinal).Select((j, i) => byName.TryGetValue(j.Queue, out var q)
            ? new Candidate(j, i, queues[q], snapshot.Settings, now) { QueueIndex = q }
            : new Candidate(j, i, null, snapshot.Settings, now) { QueueIndex = queues.Length })];
        Running = new List<Hold>[Jobs.Length];
        Queues = queues;
        Capacity = new double[Board.Resources];
        for (var n = 0; n < Board.Nodes.Length; n++)
            for (var r = 0; r < Board.Resources; r++) Capacity[r] += Board.Nodes[n].TakesPods ? Board.CapacityOf(n)[r] : 0;
        foreach (var job in Jobs.Where(j => j.Job.Admission is not null)) HoldAdmitted(job);
        Timeline.Load(Running.Where(h => h is not null).SelectMany(h => h));
        Board.Changed = node =>
        {
            foreach (var shape in followers) shape.Follow(node);
        };
    }

    public SchedulingSnapshot Snapshot { get; }

    public DateTimeOffset Now { get; }

    /// <summary>From which the cycle reckons, in whole seconds: so a promise is the same number in each cycle, and none slips by a rounding.</summary>
    public DateTimeOffset Origin { get; }

    public NodeBoard Board { get; }

    public QuotaLedger Ledger { get; }

    public Timeline Timeline { get; } = new();

    public SchedulingQueue[] Queues { get; }

    /// <summary>By name.</summary>
    public Candidate[] Jobs { get; }

    /// <summary>What each admitted job holds: its minimum, and apart what an elastic one has above it.</summary>
    public List<Hold>[] Running { get; }

    /// <summary>Of nodes that take pods, by resource.</summary>
    public double[] Capacity { get; }

    public List<SchedulingDecision> Decisions { get; } = [];

    /// <summary>What is held for a queue's jobs over what there is, of the resource of which that is most, by the queue's weight.</summary>
    public double[] Shares()
    {
        var shares = new double[Queues.Length + 1];
        for (var q = 0; q < Queues.Length; q++)
            for (var r = 0; r < Board.Resources; r++)
            {
                if (Capacity[r] <= 0) continue;
                var used = Queues[q].Flavors.Select(f => Ledger.IndexOf(Queues[q].Name, f.Name)).Distinct().Sum(a => (double)Ledger.Used(a, r));
                shares[q] = Math.Max(shares[q], used / Capacity[r] / Weight(Queues[q]));
            }
        return shares;
    }

    /// <summary>What a job adds to its queue's share.</summary>
    public double ShareOf(Candidate c)
    {
        if (c.Queue is null) return 0;
        double most = 0;
        for (var r = 0; r < Board.Resources; r++)
            if (Capacity[r] > 0) most = Math.Max(most, (double)c.Job.PerPod[r] * c.Job.Replicas / Capacity[r]);
        return most / Weight(c.Queue);
    }

    public Shape ShapeOf(Candidate c, QueueFlavor flavor)
    {
        var key = Shape.KeyOf(c.Job.PerPod, c.Job.Constraints, LabelsOf(flavor));
        if (!shapes.TryGetValue(key, out var shape))
        {
            shapes[key] = shape = new(Board, c.Job.PerPod, c.Job.Constraints, flavor.NodeLabels);
            followers.Add(shape);
        }
        return shape;
    }

    public Topology TopologyOf(Candidate c) => Board.TopologyOf(c.Job.Constraints.RequiredTopology, null);

    /// <summary>Room from now on for so long, with what was reserved for others left to them.</summary>
    public Room RoomNow(Shape shape, Topology topology, int pods, double duration)
    {
        var fitting = (int[])shape.Now.Clone();
        foreach (var node in takenNodes)
            if (fitting[node] > 0) fitting[node] = shape.Fitting(node, 0, duration);
        return new(topology, fitting, pods);
    }

    /// <summary>Whether the quota has room for an interval, in which what was reserved for others is taken.</summary>
    /// <param name="usage">At its beginning.</param>
    /// <param name="next">The first change of the timeline after its beginning.</param>
    public bool QuotaFits(Int128[] usage, int account, Amounts perPod, int pods, int next, double until)
    {
        if (!Ledger.Fits(usage, account, perPod, pods)) return false;
        var pool = Ledger.PoolOf(account);
        if (plannedInPool[pool] == 0) return true;
        var later = (Int128[])usage.Clone();
        for (var i = next; i < Timeline.Count && Timeline[i].At < until; i++)
        {
            var (_, hold, isTake) = Timeline[i];
            if (!hold.IsAlive || hold.Account < 0 || Ledger.PoolOf(hold.Account) != pool) continue;
            Ledger.Add(later, hold.Account, hold.PerPod, isTake ? hold.Size : -hold.Size);
            if (isTake && !Ledger.Fits(later, account, perPod, pods)) return false;
        }
        return true;
    }

    public bool QuotaFitsNow(int account, Amounts perPod, int pods, double duration) =>
        Ledger.Fits(account, perPod, pods) && (plannedInPool[Ledger.PoolOf(account)] == 0 || QuotaFits(Ledger.Copy(), account, perPod, pods, 0, duration));

    /// <summary>Takes nodes and quota from now on.</summary>
    public void Start(Hold hold)
    {
        foreach (var node in hold.Nodes)
        {
            Board.Take(node, hold);
            if (double.IsFinite(hold.End)) Board.Note(node, hold.End, hold, isTake: false);
        }
        Ledger.Add(hold.Account, hold.PerPod, hold.Size);
        Timeline.Add(hold);
    }

    /// <summary>Reserves nodes and quota for a time to come.</summary>
    public void Plan(Hold hold)
    {
        foreach (var node in hold.Nodes)
        {
            Board.Note(node, hold.Start, hold, isTake: true);
            if (double.IsFinite(hold.End)) Board.Note(node, hold.End, hold, isTake: false);
            takenNodes.Add(node);
        }
        if (hold.Account >= 0) plannedInPool[Ledger.PoolOf(hold.Account)]++;
        Timeline.Add(hold);
    }

    /// <summary>Who was asked to end gives back after the grace, and no later.</summary>
    public void EndSoon(Hold hold, double grace)
    {
        hold.IsAlive = false;
        var rest = new Hold(hold.Job, hold.PerPod, hold.Nodes, 0, Math.Min(hold.End, grace)) { Account = hold.Account, Size = hold.Size, WholeNodes = hold.WholeNodes };
        foreach (var node in rest.Nodes) Board.Note(node, rest.End, rest, isTake: false);
        Timeline.Add(rest);
        Running[hold.Job].Remove(hold);
    }

    /// <summary>Somebody was asked to end and has not ended yet.</summary>
    public bool HasEnding => Jobs.Any(c => c.Job.Admission is { IsEnding: true });

    private void HoldAdmitted(Candidate c)
    {
        var admission = c.Job.Admission!;
        var account = Ledger.IndexOf(admission.Queue ?? c.Job.Queue, admission.Flavor);
        var perPod = admission.PerPod ?? c.Job.PerPod;
        var size = admission.Size ?? admission.Nodes.Count;
        // As it was admitted, whatever its spec says by now: of a longer list of nodes the first are its minimum.
        var least = Math.Clamp(c.Job.Least, 1, Math.Max(1, size));
        var end = c.EndWith(size, (Now - Origin).TotalSeconds);
        if (admission.IsEnding) end = Math.Min(end, Grace);
        Running[c.Index] = [];
        Add([.. admission.Nodes.Take(least)], Math.Min(size, least), false);
        if (size > least) Add([.. admission.Nodes.Skip(least)], size - least, true);

        void Add(string[] nodes, int pods, bool isSurplus)
        {
            int[] on = [.. nodes.Select(Board.IndexOf).Where(n => n >= 0)];
            var hold = new Hold(c.Index, perPod, on, 0, end) { Account = account, IsSurplus = isSurplus, Size = pods, WholeNodes = c.Job.Constraints.WholeNodes };
            Running[c.Index].Add(hold);
            Ledger.Add(account, perPod, pods);
            foreach (var node in on)
            {
                Board.Take(node, hold);
                if (double.IsFinite(end)) Board.Note(node, end, hold, isTake: false);
            }
        }
    }

    public double Grace => Math.Max(1, Math.Ceiling(Snapshot.Settings.Grace.TotalSeconds));

    private static double Weight(SchedulingQueue queue) => queue.Weight > 0 && double.IsFinite(queue.Weight) ? queue.Weight : 1;

    private static string LabelsOf(QueueFlavor flavor) =>
        string.Join(',', flavor.NodeLabels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}
