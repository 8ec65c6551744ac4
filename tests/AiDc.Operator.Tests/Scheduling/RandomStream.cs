using AiDc.Benchmarks.Scheduling.Simulation;
using AiDc.Operator.Scheduling;

namespace AiDc.Operator.Tests.Scheduling;

/// <summary>A random cluster with random queues, and a stream of random jobs for it; the same seed makes the same.</summary>
internal sealed record RandomStream(SimulatedCluster Cluster, IReadOnlyList<SimulatedJob> Jobs)
{
    public static RandomStream Of(int seed, bool preempts = true)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, random.Next(1, 12)).Select(i => Node(random, i)).ToList();
        var queues = Enumerable.Range(0, random.Next(1, 5)).Select(i => Queue(random, i, nodes, preempts)).ToList();
        double at = 0;
        List<SimulatedJob> jobs = [];
        for (var i = 0; i < 60; i++)
        {
            at += random.Next(4) == 0 ? 0 : random.Next(0, 200);
            jobs.Add(Job(random, i, at, queues));
        }
        var cluster = new SimulatedCluster
        {
            Resources = ["gpu", "cpu"],
            Nodes = nodes,
            Queues = queues,
            PreemptionCost = random.Next(3) * 30,
            Tick = preempts ? 120 : 0,
            Settings = new() { Grace = TimeSpan.Zero, AgingLimit = TimeSpan.FromMinutes(random.Next(1, 200)), FirstLevel = 300 },
        };
        return new(cluster, jobs);
    }

    private static SchedulingNode Node(Random random, int i) => new($"node-{i:00}", [random.Next(1, 9), random.Next(4, 64)])
    {
        Labels = new Dictionary<string, string> { ["rack"] = $"r{i / 3}", ["block"] = $"b{i / 6}", ["model"] = random.Next(3) == 0 ? "old" : "new" },
        Taints = random.Next(8) == 0 ? [new("reserved", "yes")] : [],
        TakesPods = random.Next(10) != 0,
    };

    private static SchedulingQueue Queue(Random random, int i, List<SchedulingNode> nodes, bool preempts)
    {
        var gpus = nodes.Sum(n => n.Allocatable[0]);
        QueueFlavor Flavor(string name, Dictionary<string, string> labels) => new(name, [random.NextInt64(0, gpus + 4), random.Next(5) == 0 ? 40 : Amounts.Unlimited])
        {
            NodeLabels = labels,
            BorrowingLimit = random.Next(3) switch { 0 => null, 1 => Amounts.Of([random.Next(0, 6), 0]), _ => Amounts.Of([Amounts.Unlimited, Amounts.Unlimited]) },
            LendingLimit = random.Next(3) == 0 ? Amounts.Of([random.Next(0, 4), Amounts.Unlimited]) : null,
        };
        return new($"queue-{i}")
        {
            Cohort = random.Next(3) switch { 0 => null, 1 => "a", _ => "b" },
            Weight = random.Next(1, 4),
            Flavors = random.Next(2) == 0
                ? [Flavor("any", [])]
                : [Flavor("new", new() { ["model"] = "new" }), Flavor("old", new() { ["model"] = "old" })],
            Ordering = (QueueOrdering)random.Next(3),
            Preemption = preempts
                ? new() { WithinQueue = (WithinQueue)random.Next(3), ReclaimsLent = random.Next(2) == 0, ProtectedFor = TimeSpan.FromSeconds(random.Next(0, 300)) }
                : new() { ReclaimsLent = false },
            DefaultRun = random.Next(2) == 0 ? null : TimeSpan.FromMinutes(random.Next(1, 60)),
            ReservationDepth = random.Next(0, 4),
        };
    }

    private static SimulatedJob Job(Random random, int i, double at, List<SchedulingQueue> queues)
    {
        var replicas = random.Next(4) == 0 ? random.Next(1, 12) : random.Next(1, 4);
        var duration = 10 * Math.Pow(200, random.NextDouble());
        return new($"job-{i:00}", at, replicas, [random.Next(0, 5), random.Next(0, 8)], duration)
        {
            Queue = random.Next(40) == 0 ? "nowhere" : queues[random.Next(queues.Count)].Name,
            Priority = random.Next(0, 4) * 50,
            Estimate = random.Next(3) switch { 0 => null, 1 => duration, _ => duration * Math.Pow(10, (2 * random.NextDouble()) - 1) },
            Min = random.Next(3) == 0 ? random.Next(1, replicas + 1) : null,
            Max = random.Next(3) == 0 ? replicas + random.Next(0, 4) : null,
            Constraints = random.Next(2) == 0 ? PlacementConstraints.None : new()
            {
                RequiredTopology = random.Next(4) switch { 0 => "rack", 1 => "block", _ => null },
                PreferredTopology = random.Next(3) == 0 ? ["rack", "block"] : [],
                Spread = random.Next(6) == 0,
                WholeNodes = random.Next(8) == 0,
                Tolerations = random.Next(3) == 0 ? [new("reserved")] : [],
                NodeLabels = random.Next(6) == 0 ? new Dictionary<string, string> { ["model"] = "new" } : new Dictionary<string, string>(),
            },
        };
    }
}
