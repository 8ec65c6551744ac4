namespace AiDc.Operator.Scheduling;

/// <summary>
/// The earliest start of a gang such that it moves nothing that was reserved before it: goes through the moments at which something is given back, and
/// looks again only at the nodes that change.
/// </summary>
internal static class StartSearch
{
    /// <summary>Whether nodes and quota are free for an interval that was chosen before.</summary>
    public static bool IsFree(Cycle cycle, Shape shape, int account, int[] nodes, double from, double until)
    {
        if (nodes.GroupBy(n => n).Any(n => shape.Fitting(n.Key, from, until) < n.Count())) return false;
        var usage = cycle.Ledger.Copy();
        var next = 0;
        for (; next < cycle.Timeline.Count && cycle.Timeline[next].At <= from; next++)
        {
            var (_, hold, isTake) = cycle.Timeline[next];
            if (hold.IsAlive) cycle.Ledger.Add(usage, hold.Account, hold.PerPod, isTake ? hold.Size : -hold.Size);
        }
        return cycle.QuotaFits(usage, account, shape.PerPod, nodes.Length, next, until);
    }

    /// <param name="budget">Looks at a node that may still be taken; less afterwards.</param>
    /// <returns>Null where it cannot be told: ends are not known, or the budget is spent.</returns>
    public static FoundStart? Earliest(Cycle cycle, Shape shape, Topology topology, int account, int pods, double duration, ref int budget)
    {
        var timeline = cycle.Timeline;
        var room = cycle.RoomNow(shape, topology, pods, duration);
        var usage = cycle.Ledger.Copy();
        var entering = 0;
        for (; entering < timeline.Count && timeline[entering].At < duration;) entering++;
        budget -= room.Fitting.Length;
        for (var next = 0; next < timeline.Count && budget > 0;)
        {
            var at = timeline[next].At;
            for (; next < timeline.Count && timeline[next].At == at; next++)
            {
                var (_, hold, isTake) = timeline[next];
                if (!hold.IsAlive) continue;
                cycle.Ledger.Add(usage, hold.Account, hold.PerPod, isTake ? hold.Size : -hold.Size);
                budget -= Look(hold, at);
            }
            for (; entering < timeline.Count && timeline[entering].At < at + duration; entering++)
                if (entering >= next && timeline[entering] is { IsTake: true, Hold: { IsAlive: true } later }) budget -= Look(later, at);
            if (!room.IsEnough || !cycle.QuotaFits(usage, account, shape.PerPod, pods, next, at + duration)) continue;
            if (PackingPolicy.Choose(cycle.Board, topology, room.Fitting, pods) is { } nodes) return new(at, nodes, timeline[next - 1].Hold.Job);
        }
        return null;

        int Look(Hold hold, double at)
        {
            var before = -1;
            foreach (var node in hold.Nodes)
            {
                if (node == before || !shape.Eligible[node]) continue;
                room.Set(node, shape.Fitting(node, at, at + duration));
                before = node;
            }
            return hold.Nodes.Length;
        }
    }
}

/// <summary>When and where a gang can start.</summary>
/// <param name="At">Seconds from now.</param>
/// <param name="After">The job whose end makes it possible; -1 where it was found before.</param>
internal sealed record FoundStart(double At, int[] Nodes, int After)
{
    public string Flavor { get; init; } = "";

    public int Account { get; init; }
}
