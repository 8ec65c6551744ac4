using AiDc.Benchmarks.Scheduling.Rivals;
using AiDc.Benchmarks.Scheduling.Simulation;
using AiDc.Operator.Scheduling;

namespace AiDc.Benchmarks.Scheduling;

/// <summary>
/// The operator's planner for queues and gangs in its simulator, next to schedulers of the textbook, on Muri's trace with 8 nodes of 8 GPUs; and how long
/// one of its cycles takes in a large cluster. Preemption is among jobs later in order, only <c>fair</c> makes reservations, and the planner looks every ten minutes.
/// </summary>
internal static class SchedulingBenchmark
{
    private const int Nodes = 8;
    private const int GpusPerNode = 8;
    private const double PreemptionCost = 60;

    /// <summary>Seconds between two looks where nothing has happened: who has attained more is seen then.</summary>
    private const double Tick = 600;
    private const int FirstWrongSeed = 100;
    private const int WrongSeeds = 5;
    private const int Cycles = 100;
    private const int WarmUp = 5;

    public static Task RunAsync(Figures figures, CancellationToken ct)
    {
        var trace = MuriTrace.Find(Environment.GetEnvironmentVariable("AIDC_DATA"));
        figures.Set("trace", trace is null
            ? "generated: Muri's file is not under AIDC_DATA, so these figures say nothing of it"
            : "muri/cluster_trace.csv");
        var (name, jobs) = trace is null ? ("generated", MuriTrace.Generated(1)) : ("muri", trace);
        figures.Set("cluster", "8 nodes of 8 GPUs, one queue; each preemption costs 60 s; rivals without preemption on 64 GPUs that are all alike");
        foreach (var order in Enum.GetValues<ListOrder>())
            Show(figures, $"{name}{order}", ListScheduler.Run(jobs, Nodes * GpusPerNode, order));
        IReadOnlyList<SimulatedJob> known = [.. jobs.Select(j => j with { Estimate = j.Duration })];
        // The planner goes by service, the rival by duration: with an estimate divided by the size both go by the same.
        Check(figures, name, jobs);
        Show(figures, $"{name}Fair", Run(QueueOrdering.Fair, known));
        ct.ThrowIfCancellationRequested();
        Show(figures, $"{name}ShortestFirst", Run(QueueOrdering.ShortestFirst, known));
        ct.ThrowIfCancellationRequested();
        Show(figures, $"{name}LeastAttained", Run(QueueOrdering.LeastAttained, jobs));
        figures.Set($"{name}WrongEstimatesAvgJctSeconds", Enumerable.Range(FirstWrongSeed, WrongSeeds).Average(seed =>
        {
            ct.ThrowIfCancellationRequested();
            var random = new Random(seed);
            return Run(QueueOrdering.ShortestFirst, [.. jobs.Select(j => j with { Estimate = j.Duration * Math.Pow(10, (2 * random.NextDouble()) - 1) })]).MeanCompletion;
        }));
        var milliseconds = CycleLoad.Measure(Cycles, WarmUp, ct);
        figures.Set("cycleMedianMilliseconds", milliseconds[Cycles / 2]);
        figures.Set("cycleP99Milliseconds", milliseconds[(int)Math.Ceiling(0.99 * Cycles) - 1]);
        return Task.CompletedTask;
    }

    /// <summary>The planner made to do what the third rival does: the simulator is as good as the two are equal.</summary>
    private static void Check(Figures figures, string name, IReadOnlyList<SimulatedJob> jobs)
    {
        var cluster = Cluster(QueueOrdering.ShortestFirst, WithinQueue.Never) with { Nodes = [new("all", [Nodes * GpusPerNode])], PreemptionCost = 0, Tick = 0 };
        var result = new ClusterSimulator(cluster).Run([.. jobs.Select(j => j with { Estimate = j.Duration / j.Units })]);
        figures.Set($"{name}SimulatedShortestThatFitsAvgJctSeconds", result.MeanCompletion);
    }

    private static SimulationResult Run(QueueOrdering ordering, IReadOnlyList<SimulatedJob> jobs)
    {
        var result = new ClusterSimulator(Cluster(ordering, WithinQueue.LaterInOrder)).Run(jobs);
        return result.Unfinished.Count == 0 ? result : throw new InvalidDataException($"{result.Unfinished[0]} can never run on {Nodes} nodes of {GpusPerNode} GPUs");
    }

    private static SimulatedCluster Cluster(QueueOrdering ordering, WithinQueue within) => new()
    {
        Resources = ["gpu"],
        Nodes = [.. Enumerable.Range(0, Nodes).Select(i => new SchedulingNode($"node-{i}", [GpusPerNode]))],
        // Who comes later in an order that changes all the time is promised nothing.
        Queues = [new("all") { Flavors = [new("any", [Nodes * GpusPerNode])], Ordering = ordering, Preemption = new() { WithinQueue = within }, ReservationDepth = ordering == QueueOrdering.Fair ? 1 : 0 }],
        PreemptionCost = PreemptionCost,
        Tick = Tick,
    };

    private static void Show(Figures figures, string name, SimulationResult result)
    {
        Show(figures, name, [.. result.Jobs.Select(j => j.CompletionTime)]);
        figures.Set($"{name}MakespanHours", result.Makespan / 3600);
        figures.Set($"{name}Preemptions", result.Jobs.Sum(j => j.Preemptions));
    }

    private static void Show(Figures figures, string name, IReadOnlyList<double> completion)
    {
        var sorted = completion.Order().ToList();
        figures.Set($"{name}AvgJctSeconds", sorted.Average());
        figures.Set($"{name}P50JctSeconds", sorted[(sorted.Count - 1) / 2]);
        figures.Set($"{name}P99JctSeconds", sorted[(int)Math.Ceiling(0.99 * sorted.Count) - 1]);
    }
}
