using System.Globalization;

namespace AiDc.Operator.Scheduling;

/// <summary>Whether a job could ever start: who cannot is told so at once, and nobody waits behind it.</summary>
internal static class FeasibilityPolicy
{
    /// <returns>Null where it could.</returns>
    public static WaitingJob? Check(Cycle cycle, Candidate c) => Invalid(c) ?? Unknown(c) ?? BeyondQuota(cycle, c) ?? BeyondNodes(cycle, c);

    private static WaitingJob? Invalid(Candidate c)
    {
        var job = c.Job;
        if (job.PerPod.HasNegative) return new(job.Name, 0, WaitReason.InvalidRequest, "a pod asks for less than nothing: make its requests zero or more");
        if (job.Replicas < 1 || job.Least < 1 || job.Least > job.Replicas || job.Most < job.Replicas)
            return new(job.Name, 0, WaitReason.InvalidRequest, string.Create(CultureInfo.InvariantCulture,
                $"workers: min {job.Least}, replicas {job.Replicas}, max {job.Most}: they have to be at least 1 and in this order"));
        return null;
    }

    private static WaitingJob? Unknown(Candidate c) => c.Queue is not null
        ? null
        : new(c.Job.Name, 0, WaitReason.UnknownQueue, $"there is no ComputeQueue {c.Job.Queue}: create it, or name another in spec.queue");

    private static WaitingJob? BeyondQuota(Cycle cycle, Candidate c)
    {
        var accounts = c.Queue!.Flavors.Select(f => cycle.Ledger.IndexOf(c.Queue.Name, f.Name)).ToList();
        if (accounts.Any(a => cycle.Ledger.FitsEver(a, c.Job.PerPod, c.Job.Least))) return null;
        if (accounts.Count == 0)
            return new(c.Job.Name, 0, WaitReason.ExceedsQuota, $"queue {c.Queue.Name} has no flavours, so no quota: add one to it");
        var resource = Enumerable.Range(0, cycle.Board.Resources).First(r => (Int128)c.Job.PerPod[r] * c.Job.Least > accounts.Max(a => cycle.Ledger.Most(a, r))
            || r == cycle.Board.Resources - 1);
        return new(c.Job.Name, 0, WaitReason.ExceedsQuota, string.Create(CultureInfo.InvariantCulture,
            $"needs {(Int128)c.Job.PerPod[resource] * c.Job.Least} {cycle.Snapshot.Resources[resource]}; queue {c.Queue.Name} can never give more than {accounts.Max(a => cycle.Ledger.Most(a, resource))}"));
    }

    /// <summary>Quota and nodes have to be of one flavour.</summary>
    private static WaitingJob? BeyondNodes(Cycle cycle, Candidate c)
    {
        long most = 0;
        foreach (var flavor in c.Queue!.Flavors.Where(f => cycle.Ledger.FitsEver(cycle.Ledger.IndexOf(c.Queue.Name, f.Name), c.Job.PerPod, c.Job.Least)))
        {
            if (flavor.NodesMayAppear) return null;
            most = Math.Max(most, RoomEver(cycle, c, cycle.ShapeOf(c, flavor)));
        }
        if (most >= c.Job.Least) return null;
        var place = c.Job.Constraints.RequiredTopology is { } label ? $"no {Explanation.Short(label)} has" : "the nodes that it may use, all together, have";
        return new(c.Job.Name, 0, WaitReason.ExceedsCluster, string.Create(CultureInfo.InvariantCulture,
            $"needs {Explanation.Needs(cycle, c)}; even when empty {place} room for {most} of its {c.Job.Least} pods and no more"));
    }

    private static long RoomEver(Cycle cycle, Candidate c, Shape shape)
    {
        if (shape.RoomEver is { } known) return known;
        var ever = new int[cycle.Board.Nodes.Length];
        for (var n = 0; n < ever.Length; n++) ever[n] = shape.FittingEver(n);
        var most = PackingPolicy.Room(cycle.TopologyOf(c), ever).DefaultIfEmpty().Max();
        shape.RoomEver = most;
        return most;
    }
}
