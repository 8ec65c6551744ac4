using System.Diagnostics;
using AiDc.Operator.Scheduling;

namespace AiDc.Benchmarks.Scheduling;

/// <summary>How long a cycle of the planner takes in a large cluster: 5,000 nodes, 20,000 pods, 500 gangs that wait in 30 queues of 5 cohorts.</summary>
internal static class CycleLoad
{
    private const int Queues = 30;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>Milliseconds of each cycle, the shortest first.</returns>
    public static IReadOnlyList<double> Measure(int cycles, int warmUp, CancellationToken ct)
    {
        var random = new Random(1);
        var cluster = Cluster(random);
        List<double> milliseconds = [];
        for (var i = 0; i < warmUp + cycles; i++)
        {
            ct.ThrowIfCancellationRequested();
            var snapshot = cluster with { Jobs = [.. cluster.Jobs, .. Enumerable.Range(0, 500).Select(job => Waiting(random, job))] };
            var begin = Stopwatch.GetTimestamp();
            SchedulingPlanner.Plan(snapshot, Now);
            if (i >= warmUp) milliseconds.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        return [.. milliseconds.Order()];
    }

    /// <summary>4,500 gangs of 4 pods fill their nodes; 2,000 pods of others are on the rest.</summary>
    private static SchedulingSnapshot Cluster(Random random) => new()
    {
        Resources = ["gpu", "cpu", "memory"],
        Nodes = [.. Enumerable.Range(0, 5000).Select(i => new SchedulingNode(NodeName(i), [8, 128, 1000]) { Labels = new Dictionary<string, string> { ["rack"] = $"r{i / 64}" } })],
        Pods = [.. Enumerable.Range(0, 2000).Select(i => new SchedulingPod(NodeName(4500 + (i / 4)), [1, 4, 10]))],
        Jobs = [.. Enumerable.Range(0, 4500).Select(i => new SchedulingJob($"running-{i:0000}")
        {
            Queue = QueueName(i),
            Submitted = Now.AddHours(-1),
            Replicas = 4,
            PerPod = [2, 16, 100],
            ExpectedDuration = TimeSpan.FromSeconds(random.Next(4000, 40_000)),
            Attained = TimeSpan.FromHours(1),
            Admission = new("any", [.. Enumerable.Repeat(NodeName(i), 4)], Now.AddHours(-1)),
        })],
        Queues = [.. Enumerable.Range(0, Queues).Select(i => new SchedulingQueue(QueueName(i))
        {
            Cohort = $"cohort-{i % 5}",
            Flavors = [new("any", [2000, Amounts.Unlimited, Amounts.Unlimited])],
            Preemption = new() { WithinQueue = WithinQueue.LowerPriority },
        })],
    };

    private static SchedulingJob Waiting(Random random, int i) => new($"waiting-{i:000}")
    {
        Queue = QueueName(i),
        Submitted = Now.AddMinutes(-random.Next(0, 600)),
        Replicas = random.Next(1, 33),
        PerPod = [random.Next(1, 9), random.Next(1, 32), random.Next(1, 100)],
        ExpectedDuration = TimeSpan.FromMinutes(random.Next(10, 2000)),
        Constraints = i % 3 == 0 ? new() { RequiredTopology = "rack" } : PlacementConstraints.None,
    };

    private static string NodeName(int i) => $"node-{i:0000}";

    private static string QueueName(int i) => $"queue-{i % Queues:00}";
}
