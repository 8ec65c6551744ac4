using System.Numerics;
using AiDc.Operator.Scheduling;

namespace AiDc.Operator.Tests.Scheduling;

/// <summary>Reckons in the plainest way, and without any of the planner's code, what a snapshot and a plan come to.</summary>
internal sealed class Judge
{
    private readonly SchedulingSnapshot snapshot;
    private readonly Dictionary<string, SchedulingNode> nodes;

    public Judge(SchedulingSnapshot snapshot, SchedulingPlan plan)
    {
        this.snapshot = snapshot;
        nodes = snapshot.Nodes.ToDictionary(n => n.Name);
        Held = snapshot.Jobs.Where(j => j.Admission is not null).ToDictionary(j => j.Name, j => (j.Admission!.Flavor, j.Admission.Nodes));
        foreach (var decision in plan.Decisions)
            switch (decision)
            {
                case AdmitGang admit: Held[admit.Job] = (admit.Flavor, admit.Nodes); break;
                case PreemptGang preempt: Held.Remove(preempt.Job); break;
                case ShrinkGang shrink: Held[shrink.Job] = (Held[shrink.Job].Flavor, shrink.Kept); break;
                case GrowGang grow: Held[grow.Job] = (Held[grow.Job].Flavor, [.. Held[grow.Job].Nodes, .. grow.Added]); break;
            }
    }

    /// <summary>Of each admitted job once the plan is carried out.</summary>
    public Dictionary<string, (string Flavor, IReadOnlyList<string> Nodes)> Held { get; }

    public SchedulingJob Job(string name) => snapshot.Jobs.Single(j => j.Name == name);

    public void NoNodeHasMoreThanItHas()
    {
        foreach (var node in snapshot.Nodes)
            for (var r = 0; r < snapshot.Resources.Count; r++)
                Assert.That(Free(node, r), Is.GreaterThanOrEqualTo(BigInteger.Zero), $"{snapshot.Resources[r]} of {node.Name}");
    }

    public void NoQuotaIsExceeded()
    {
        foreach (var queue in snapshot.Queues)
            foreach (var flavor in queue.Flavors)
                for (var r = 0; r < snapshot.Resources.Count; r++)
                    Assert.That(QuotaHolds(queue, flavor, r, 0), $"{snapshot.Resources[r]} of {queue.Name}/{flavor.Name}");
    }

    /// <summary>Every pod has a node where it may be, and the gang the shape that was asked for.</summary>
    public void GangIsWhole(AdmitGang admit)
    {
        var job = Job(admit.Job);
        Assert.That(admit.Nodes, Has.Count.EqualTo(admit.Size));
        Assert.That(admit.Size, Is.InRange(job.Min ?? job.Replicas, job.Replicas));
        var flavor = FlavorOf(job, admit.Flavor);
        Assert.That(admit.Nodes, Has.All.Matches<string>(n => MayGo(job, nodes[n!], flavor)));
        if (job.Constraints.Spread || job.Constraints.WholeNodes) Assert.That(admit.Nodes, Is.Unique);
        if (job.Constraints.RequiredTopology is { } label) Assert.That(admit.Nodes.Select(n => nodes[n].Labels[label]).Distinct().Count(), Is.EqualTo(1));
    }

    /// <summary>Whether a waiting job would fit on what the plan leaves free, in nodes and in quota.</summary>
    public bool WouldFit(SchedulingJob job, int pods) => snapshot.Queues.FirstOrDefault(q => q.Name == job.Queue) is { } queue
        && queue.Flavors.Any(f => Enumerable.Range(0, snapshot.Resources.Count).All(r => QuotaHolds(queue, f, r, (BigInteger)job.PerPod[r] * pods)) && NodesFit(job, f, pods));

    private bool NodesFit(SchedulingJob job, QueueFlavor flavor, int pods)
    {
        var label = job.Constraints.RequiredTopology;
        return nodes.Values.Where(n => MayGo(job, n, flavor) && (label is null || n.Labels.ContainsKey(label)))
            .GroupBy(n => label is null ? "" : n.Labels[label]).Any(g => g.Sum(n => Fitting(job, n)) >= pods);
    }

    private long Fitting(SchedulingJob job, SchedulingNode node)
    {
        var most = job.Constraints.Spread || job.Constraints.WholeNodes ? 1 : (BigInteger)1000;
        for (var r = 0; r < snapshot.Resources.Count; r++)
            if (job.PerPod[r] > 0) most = BigInteger.Min(most, Free(node, r) / job.PerPod[r]);
        if (job.Constraints.WholeNodes && Free(node, 0) != node.Allocatable[0]) return 0;
        return (long)most;
    }

    private BigInteger Free(SchedulingNode node, int resource) =>
        node.Allocatable[resource] - Sum(Held.Select(h => Each(Job(h.Key), node, resource) * h.Value.Nodes.Count(n => n == node.Name)));

    private static BigInteger Each(SchedulingJob job, SchedulingNode node, int resource) =>
        resource == 0 && job.Constraints.WholeNodes ? BigInteger.Max(job.PerPod[0], node.Allocatable[0]) : job.PerPod[resource];

    private bool QuotaHolds(SchedulingQueue queue, QueueFlavor flavor, int r, BigInteger more)
    {
        var used = Used(queue, flavor.Name, r) + more;
        if (flavor.BorrowingLimit is { } limit && used > (BigInteger)flavor.Nominal[r] + limit[r]) return false;
        var pool = snapshot.Queues.Where(q => q == queue || (q.Cohort is not null && q.Cohort == queue.Cohort))
            .SelectMany(q => q.Flavors.Where(f => f.Name == flavor.Name).Select(f => (q, f))).ToList();
        BigInteger Kept(QueueFlavor f) => f.LendingLimit is { } lent ? BigInteger.Max(0, f.Nominal[r] - (BigInteger)lent[r]) : 0;
        var shared = Sum(pool.Select(p => BigInteger.Max(0, Used(p.q, p.f.Name, r) + (p.q == queue ? more : 0) - Kept(p.f))));
        return shared <= Sum(pool.Select(p => p.f.Nominal[r] - Kept(p.f)));
    }

    private BigInteger Used(SchedulingQueue queue, string flavor, int resource) => Sum(Held
        .Where(h => h.Value.Flavor == flavor && Job(h.Key).Queue == queue.Name).Select(h => (BigInteger)Job(h.Key).PerPod[resource] * h.Value.Nodes.Count));

    private QueueFlavor FlavorOf(SchedulingJob job, string name) => snapshot.Queues.Single(q => q.Name == job.Queue).Flavors.Single(f => f.Name == name);

    private static bool MayGo(SchedulingJob job, SchedulingNode node, QueueFlavor flavor) =>
        node.TakesPods && flavor.NodeLabels.Concat(job.Constraints.NodeLabels).All(l => node.Labels.GetValueOrDefault(l.Key) == l.Value)
        && node.Taints.All(t => job.Constraints.Tolerations.Any(b => b.Key == t.Key));

    private static BigInteger Sum(IEnumerable<BigInteger> values) => values.Aggregate(BigInteger.Zero, (a, b) => a + b);
}
