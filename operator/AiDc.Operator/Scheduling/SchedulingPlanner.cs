namespace AiDc.Operator.Scheduling;

/// <summary>
/// Decides which gangs start, where, and who is asked to end for them, and tells everybody else why they wait and until when. Pure: the same snapshot gives
/// the same plan, in whatever order it lists things. A cycle goes once through all that wait, in turn: who fits starts; the first that are blocked in each queue
/// get nodes and a time, which nobody after them moves; the others get a forecast.
/// </summary>
public static class SchedulingPlanner
{
    /// <param name="now">All times of the snapshot are of the same clock.</param>
    public static SchedulingPlan Plan(SchedulingSnapshot snapshot, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new Turns(new(snapshot, now)).Run();
    }
}

/// <summary>One cycle's way through those that wait.</summary>
internal sealed class Turns(Cycle cycle)
{
    /// <summary>What is due is kept from now on, but not from the very second in which others start.</summary>
    private const double Soon = 1;

    private readonly List<(Candidate Job, WaitingJob Waiting)> waiting = [];
    private readonly List<(Candidate Job, Blocked Blocked)> later = [];
    private readonly Dictionary<int, (Hold Hold, FoundStart Start)> promised = [];
    private readonly int[] reserved = new int[cycle.Queues.Length];
    private int budget = cycle.Snapshot.Settings.ForecastBudget;
    private int preemptions = cycle.Snapshot.Settings.PreemptionDepth;
    private int forecasts = cycle.Snapshot.Settings.ForecastDepth;

    public SchedulingPlan Run()
    {
        List<Candidate> all = [.. cycle.Jobs.Where(c => c.Job.Admission is null)];
        var turns = OrderPolicy.Sequence(all, cycle.Shares(), cycle.ShareOf).ToList();
        foreach (var c in turns.Where(c => c.Job.Reservation is not null)) Recall(c);
        foreach (var c in turns) Take(c);
        foreach (var (c, blocked) in later) Forecast(c, blocked);
        if (waiting.All(w => w.Waiting.IsHopeless)) Grow();
        return new(cycle.Decisions, Positions());
    }

    private void Take(Candidate c)
    {
        if (FeasibilityPolicy.Check(cycle, c) is { } hopeless)
        {
            waiting.Add((c, hopeless));
            return;
        }
        // It may start earlier than it was promised, as long as it does so without what was promised to others, also to those after it.
        if (promised.TryGetValue(c.Index, out var own)) own.Hold.IsAlive = false;
        if (StartsNow(c)) return;
        var blocked = Explanation.Why(cycle, c);
        if (preemptions > 0 && Preempts(c)) return;
        if (c.Job.Reservation is not null || reserved[c.QueueIndex] < c.Queue!.ReservationDepth)
        {
            reserved[c.QueueIndex]++;
            waiting.Add((c, Explanation.Of(cycle, c, blocked, Reserve(c), isReserved: true, waiting.Count)));
        }
        else
        {
            later.Add((c, blocked));
        }
    }

    private void Forecast(Candidate c, Blocked blocked)
    {
        var start = forecasts-- > 0 && budget > 0 ? Reserve(c) : null;
        waiting.Add((c, Explanation.Of(cycle, c, blocked, start, isReserved: false, waiting.Count)));
    }

    private bool StartsNow(Candidate c)
    {
        foreach (var flavor in c.Queue!.Flavors)
        {
            var account = cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name);
            var shape = cycle.ShapeOf(c, flavor);
            if (shape.DoesNotFitNow <= c.Job.Least) continue;
            for (var pods = c.Job.Replicas; pods >= c.Job.Least;)
            {
                var duration = c.EndWith(pods, (cycle.Now - cycle.Origin).TotalSeconds);
                var room = cycle.RoomNow(shape, cycle.TopologyOf(c), pods, duration);
                if (room.IsEnough && cycle.QuotaFitsNow(account, c.Job.PerPod, pods, duration) && NodesNow(c, shape, room, pods) is { } nodes)
                {
                    Admit(c, flavor.Name, account, nodes);
                    return true;
                }
                pods = room.IsEnough ? pods - 1 : (int)Math.Min(pods - 1, room.Most);
            }
            if (new Room(cycle.TopologyOf(c), (int[])shape.Now.Clone(), c.Job.Least) is { IsEnough: false }) shape.DoesNotFitNow = c.Job.Least;
        }
        foreach (var flavor in c.Queue.Flavors.Where(f => f.NodesMayAppear))
        {
            var account = cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name);
            if (!cycle.QuotaFitsNow(account, c.Job.PerPod, c.Job.Replicas, c.DurationWith(c.Job.Replicas))) continue;
            cycle.Ledger.Add(account, c.Job.PerPod, c.Job.Replicas);
            cycle.Decisions.Add(new AdmitGang(c.Job.Name, flavor.Name, c.Job.Replicas, []));
            return true;
        }
        return false;
    }

    /// <summary>The narrowest of the preferred domains that has room for all, else what is required.</summary>
    private int[]? NodesNow(Candidate c, Shape shape, Room room, int pods)
    {
        foreach (var label in c.Job.Constraints.PreferredTopology)
        {
            var narrow = cycle.Board.TopologyOf(c.Job.Constraints.RequiredTopology, label);
            if (PackingPolicy.Choose(cycle.Board, narrow, room.Fitting, pods) is { } nodes) return nodes;
        }
        return PackingPolicy.Choose(cycle.Board, cycle.TopologyOf(c), room.Fitting, pods);
    }

    private void Admit(Candidate c, string flavor, int account, int[] nodes)
    {
        cycle.Start(new(c.Index, c.Job.PerPod, nodes, 0, c.EndWith(nodes.Length, (cycle.Now - cycle.Origin).TotalSeconds)) { Account = account, WholeNodes = c.Job.Constraints.WholeNodes });
        cycle.Decisions.Add(new AdmitGang(c.Job.Name, flavor, nodes.Length, NamesOf(nodes)));
    }

    private bool Preempts(Candidate c)
    {
        // Somebody may have been asked to end for it already: a second one is not asked before the first is gone.
        if (cycle.HasEnding && Find(c) is { } soon && soon.At <= cycle.Grace) return false;
        foreach (var flavor in c.Queue!.Flavors)
        {
            var account = cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name);
            var victims = VictimPolicy.Choose(cycle, c, cycle.ShapeOf(c, flavor), account, c.Job.Least);
            if (victims.Count == 0) continue;
            preemptions--;
            foreach (var victim in victims.GroupBy(v => v.Job))
            {
                var job = cycle.Jobs[victim.Key].Job;
                cycle.Decisions.Add(victim.All(v => v.IsSurplus)
                    ? new ShrinkGang(job.Name, c.Job.Name, [.. job.Admission!.Nodes.Take(job.Least)])
                    : new PreemptGang(job.Name, c.Job.Name, Explanation.WhyPreempted(c, cycle.Jobs[victim.Key])));
            }
            foreach (var victim in victims) cycle.EndSoon(victim, cycle.Grace);
            reserved[c.QueueIndex]++;
            var blocked = new Blocked(WaitReason.WaitingForPreempted, Explanation.WaitsFor(victims.Select(v => cycle.Jobs[v.Job].Job.Name).Distinct()));
            waiting.Add((c, Explanation.Of(cycle, c, blocked, Reserve(c), isReserved: true, waiting.Count)));
            return true;
        }
        return false;
    }

    /// <summary>Notes what the job was promised before, if it can be kept: nodes are lost, and others run for longer than they said.</summary>
    private void Recall(Candidate c)
    {
        var recorded = c.Job.Reservation!;
        if (c.Queue?.Flavors.FirstOrDefault(f => f.Name == recorded.Flavor) is not { } flavor || FeasibilityPolicy.Check(cycle, c) is not null) return;
        int[] nodes = [.. recorded.Nodes.Select(cycle.Board.IndexOf)];
        if (nodes.Length < c.Job.Least || nodes.Contains(-1)) return;
        var account = cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name);
        var start = new FoundStart(Math.Max(Soon, (recorded.Start - cycle.Origin).TotalSeconds), nodes, -1) { Flavor = flavor.Name, Account = account };
        var end = start.At + c.DurationWith(nodes.Length);
        if (StartSearch.IsFree(cycle, cycle.ShapeOf(c, flavor), account, nodes, start.At, end)) promised[c.Index] = (Plan(c, start), start);
    }

    /// <summary>The earliest start in any flavour, noted so that who comes later does not move it; no later than what was promised before, while that can be kept.</summary>
    private FoundStart? Reserve(Candidate c)
    {
        var found = Find(c);
        if (promised.TryGetValue(c.Index, out var own) && (found is null || found.At >= own.Start.At)) found = own.Start;
        if (found is not null) Plan(c, found);
        return found;
    }

    private Hold Plan(Candidate c, FoundStart start)
    {
        var hold = new Hold(c.Index, c.Job.PerPod, start.Nodes, start.At, start.At + c.DurationWith(start.Nodes.Length)) { Account = start.Account, WholeNodes = c.Job.Constraints.WholeNodes };
        cycle.Plan(hold);
        return hold;
    }

    private FoundStart? Find(Candidate c)
    {
        FoundStart? best = null;
        var pods = c.Job.Least;
        foreach (var flavor in c.Queue!.Flavors)
        {
            var account = cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name);
            var found = StartSearch.Earliest(cycle, cycle.ShapeOf(c, flavor), cycle.TopologyOf(c), account, pods, c.DurationWith(pods), ref budget);
            if (found is not null && (best is null || found.At < best.At)) best = found with { Flavor = flavor.Name, Account = account };
        }
        return best;
    }

    /// <summary>Nobody waits: elastic jobs get what is left, one pod after another.</summary>
    private void Grow()
    {
        foreach (var c in cycle.Jobs)
        {
            if (c.Queue is null || c.Job.Admission is not { IsEnding: false, Nodes.Count: > 0 } admission) continue;
            if (c.Queue.Flavors.FirstOrDefault(f => f.Name == admission.Flavor) is not { } flavor) continue;
            var (account, shape) = (cycle.Ledger.IndexOf(c.Queue.Name, flavor.Name), cycle.ShapeOf(c, flavor));
            if (c.Job.Constraints is { RequiredTopology: not null } or { Spread: true }) continue;
            List<int> added = [];
            while (admission.Nodes.Count + added.Count < c.Job.Most && cycle.Ledger.Fits(account, c.Job.PerPod, 1)
                && PackingPolicy.Choose(cycle.Board, cycle.TopologyOf(c), shape.Now, 1) is [var node])
            {
                cycle.Start(new(c.Index, c.Job.PerPod, [node], 0, double.PositiveInfinity) { Account = account, WholeNodes = c.Job.Constraints.WholeNodes });
                added.Add(node);
            }
            if (added.Count > 0) cycle.Decisions.Add(new GrowGang(c.Job.Name, NamesOf(added)));
        }
    }

    private List<WaitingJob> Positions()
    {
        var places = new int[cycle.Queues.Length + 1];
        var order = waiting.Where(w => !w.Waiting.IsHopeless).Concat(waiting.Where(w => w.Waiting.IsHopeless));
        return [.. order.Select(w => w.Waiting with { Position = ++places[w.Job.QueueIndex] })];
    }

    private string[] NamesOf(IEnumerable<int> nodes) => [.. nodes.Select(n => cycle.Board.Nodes[n].Name)];
}
