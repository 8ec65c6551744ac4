using AiDc.Benchmarks.Autoscaling.Simulation;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Benchmarks.Autoscaling;

/// <summary>
/// Chooses parameters on generated loads, by a stated objective: replica-seconds, and <see cref="LateRequest"/> of them for each request that waits too long,
/// over the least that the requests need. Of a family it is the geometric mean over its loads, of a choice that over the families. Judged by
/// cross-validation: each family by the choice that is best on the others.
/// </summary>
internal static class Tuning
{
    /// <summary>What a late request is worth, in replica-seconds.</summary>
    public const double LateRequest = 10;

    private const int Slots = 4;
    private const int SearchSeed = 1;

    public static ScalingSettings SettingsOf(ScalingTimes times) => new() { Min = 1, Max = 100, Target = new(ScalingMeasure.Concurrency, Slots), ReplicaLimit = Slots, Times = times };

    /// <summary>The loads by which is chosen, or, with other seeds, those by which the choice is reported.</summary>
    public static IReadOnlyList<GeneratedLoad> Loads(int from, int seeds) =>
        [.. Families.Names.SelectMany(family => Enumerable.Range(from, seeds).Select(seed => Families.Generate(family, seed)))];

    /// <summary>The present parameters, each of them alone made larger and smaller, then some by chance.</summary>
    public static IReadOnlyList<ScalingTimes> Choices(int byChance)
    {
        var random = new Random(SearchSeed);
        var now = ScalingTimes.Default;
        List<ScalingTimes> choices = [now, now with { SeesWork = !now.SeesWork }];
        foreach (var change in Changes) choices.AddRange([change(now, 1), change(now, -1)]);
        for (var i = 0; i < byChance; i++)
            choices.Add(Changes.Aggregate(now, (times, change) => change(times, (2 * random.NextDouble()) - 1)) with { SeesWork = random.Next(2) == 0 });
        return choices;
    }

    /// <summary>Each by a factor to a power from -1 to 1.</summary>
    private static IReadOnlyList<Func<ScalingTimes, double, ScalingTimes>> Changes { get; } =
    [
        (t, by) => t with { Memory = t.Memory * Math.Pow(2, by) },
        (t, by) => t with { Tail = t.Tail * Math.Pow(2.5, by) },
        (t, by) => t with { Clarity = 1 + ((t.Clarity - 1) * Math.Pow(2, by)) },
        (t, by) => t with { Hysteresis = t.Hysteresis * Math.Pow(2, by) },
        (t, by) => t with { Stabilization = t.Stabilization * Math.Pow(2, by) },
        (t, by) => t with { MeanMemory = t.MeanMemory * Math.Pow(2, by) },
        (t, by) => t with { Chance = t.Chance * Math.Pow(1.5, by) },
        (t, by) => t with { LongWait = t.LongWait * Math.Pow(3, by) },
        (t, by) => t with { Persistence = t.Persistence * Math.Pow(2, by) },
        (t, by) => t with { Hold = t.Hold * Math.Pow(4, by) },
        (t, by) => t with { Drain = t.Drain * Math.Pow(2, by) },
        (t, by) => t with { Margin = t.Margin * Math.Pow(3, by) },
        (t, by) => t with { Doubt = t.Doubt * Math.Pow(3, by) },
    ];

    /// <summary>The logarithm of the objective.</summary>
    public static double Cost(GeneratedLoad load, IScalingAlgorithm algorithm) => CostOf(load, Run(load, algorithm));

    public static SimulationResult Run(GeneratedLoad load, IScalingAlgorithm algorithm) => ServingSimulator.Run(load.Requests, algorithm, load.Service);

    public static double CostOf(GeneratedLoad load, SimulationResult result)
    {
        var least = load.Requests.Sum(r => r.Service) / load.Service.Slots;
        var late = (1 - result.Attainment) * load.Requests.Count;
        return Math.Log((result.ReplicaSeconds + (LateRequest * late)) / least);
    }

    /// <summary>For each choice, by family, the mean logarithm.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, double>> Table(IReadOnlyList<ScalingTimes> choices, IReadOnlyList<GeneratedLoad> loads, CancellationToken ct) =>
        [.. choices.AsParallel().AsOrdered().WithCancellation(ct).WithDegreeOfParallelism(2).Select(times => (IReadOnlyDictionary<string, double>)loads
            .GroupBy(l => l.Family).ToDictionary(g => g.Key, g => g.Average(l => Cost(l, new OperatorAutoscaler(SettingsOf(times))))))];

    /// <summary>The index of the choice that is best on some families.</summary>
    public static int Best(IReadOnlyList<IReadOnlyDictionary<string, double>> table, Func<string, bool> counts) =>
        Enumerable.Range(0, table.Count).MinBy(i => table[i].Where(f => counts(f.Key)).Average(f => f.Value));
}
