using System.Globalization;
using AiDc.Benchmarks.Autoscaling.Rivals;
using AiDc.Benchmarks.Autoscaling.Simulation;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Benchmarks.Autoscaling;

/// <summary>
/// The operator's autoscaler next to Knative's algorithm and the HorizontalPodAutoscaler's, in a simulator: on two public traces, one of bursts and
/// the file that AIDC_TRACE names, and on families of generated loads. What had a part in the choice of its parameters: docs/decisions/0012-autoscaler.md.
/// On traces each runs with its clock begun at several moments, because where a tick falls changes the figures; means are compared. What is better has more
/// requests on time and fewer replica-seconds.
/// </summary>
internal static class AutoscalingBenchmark
{
    private const int Phases = 5;
    private const double Concurrency = 4;
    private const int BurstsSeed = 1;

    /// <summary>Those by which is chosen are 0 and up.</summary>
    private const int ReportedSeed = 100;
    private const int ReportedSeeds = 4;
    private const int ChosenBySeeds = 3;

    private sealed record Mean(double Attainment, double ReplicaSeconds, double WaitP99, int Most);

    private sealed record Compared(string Trace, Mean Ours, Mean Knative, Mean Hpa)
    {
        public double GainOverKnative => Ours.Attainment - Knative.Attainment;

        public double GainOverHpa => Ours.Attainment - Hpa.Attainment;

        public double RatioToKnative => Ours.ReplicaSeconds / Knative.ReplicaSeconds;

        public double RatioToHpa => Ours.ReplicaSeconds / Hpa.ReplicaSeconds;
    }

    public static Task RunAsync(Figures figures, CancellationToken ct)
    {
        figures.Set("model", "4 requests at once per replica, 10 s from decision to ready, 1 replica at first and at least; on time: waits at most 1 s");
        figures.Set("azureService", "0.2 s + 0.0002 s per token of context + 0.02 s per token generated");
        figures.Set("burstsService", "0.3 s + exponential of mean 1.2 s");
        List<Compared> all = [];
        foreach (var (name, requests) in TracesOf(figures))
        {
            ct.ThrowIfCancellationRequested();
            var compared = new Compared(
                name, Run(requests, () => new OperatorAutoscaler(Settings)), Run(requests, () => new KnativePodAutoscaler(Concurrency)),
                Run(requests, () => new HorizontalPodAutoscaler(Concurrency)));
            all.Add(compared);
            Show(figures, compared);
        }
        ShowFamilies(figures, ct);
        Search(figures, ct);
        figures.Set("sloGainOverKnative", all.Min(c => c.GainOverKnative));
        figures.Set("sloGainOverHpa", all.Min(c => c.GainOverHpa));
        figures.Set("replicaSecondsRatioToKnative", all.Max(c => c.RatioToKnative));
        figures.Set("replicaSecondsRatioToHpa", all.Max(c => c.RatioToHpa));
        return Task.CompletedTask;
    }

    /// <summary>The worst family is the one with the largest objective over that of the better rival.</summary>
    private static void ShowFamilies(Figures figures, CancellationToken ct)
    {
        figures.Set("lateRequestInReplicaSeconds", Tuning.LateRequest);
        List<(string Family, double Ours, double Knative, double Hpa)> costs = [];
        foreach (var family in Tuning.Loads(ReportedSeed, ReportedSeeds).GroupBy(l => l.Family))
        {
            ct.ThrowIfCancellationRequested();
            var runs = family.Select(load => (
                Load: load, Ours: Tuning.Run(load, new OperatorAutoscaler(Settings)), Knative: Tuning.Run(load, new KnativePodAutoscaler(Concurrency)),
                Hpa: Tuning.Run(load, new HorizontalPodAutoscaler(Concurrency)))).ToList();
            figures.Set($"requestsOnTime{family.Key}", runs.Average(r => r.Ours.Attainment));
            figures.Set($"requestsOnTimeKnative{family.Key}", runs.Average(r => r.Knative.Attainment));
            figures.Set($"requestsOnTimeHpa{family.Key}", runs.Average(r => r.Hpa.Attainment));
            figures.Set($"replicaSeconds{family.Key}", runs.Average(r => r.Ours.ReplicaSeconds));
            figures.Set($"replicaSecondsKnative{family.Key}", runs.Average(r => r.Knative.ReplicaSeconds));
            figures.Set($"replicaSecondsHpa{family.Key}", runs.Average(r => r.Hpa.ReplicaSeconds));
            costs.Add((
                family.Key, runs.Average(r => Tuning.CostOf(r.Load, r.Ours)), runs.Average(r => Tuning.CostOf(r.Load, r.Knative)), runs.Average(r => Tuning.CostOf(r.Load, r.Hpa))));
        }
        figures.Set("objectiveRatioToKnative", Math.Exp(costs.Average(c => c.Ours - c.Knative)));
        figures.Set("objectiveRatioToHpa", Math.Exp(costs.Average(c => c.Ours - c.Hpa)));
        var worst = costs.MaxBy(c => c.Ours - Math.Min(c.Knative, c.Hpa));
        figures.Set("worstFamily", worst.Family);
        figures.Set("worstFamilyObjectiveRatioToBestRival", Math.Exp(worst.Ours - Math.Min(worst.Knative, worst.Hpa)));
    }

    private static void Search(Figures figures, CancellationToken ct)
    {
        var choices = Tuning.Choices(int.Parse(Environment.GetEnvironmentVariable("AIDC_SEARCH") ?? "12", CultureInfo.InvariantCulture));
        var table = Tuning.Table(choices, Tuning.Loads(0, ChosenBySeeds), ct);
        var best = Tuning.Best(table, _ => true);
        figures.Set("searchChoices", choices.Count);
        figures.Set("searchPresentObjective", Math.Exp(table[0].Values.Average()));
        figures.Set("searchBestObjective", Math.Exp(table[best].Values.Average()));
        figures.Set("searchBest", choices[best].ToString());
        for (var i = 1; Environment.GetEnvironmentVariable("AIDC_SEARCH") is not null && i < choices.Count; i++)
            figures.Set($"searchChoice{i}", $"{Math.Exp(table[i].Values.Average()):0.000} {choices[i]}");
        figures.Set("crossValidatedObjective", Math.Exp(Families.Names.Average(family => table[Tuning.Best(table, f => f != family)][family])));
        // By how much what is best for the others is worse for a family than what is best for it alone.
        var regrets = Families.Names.Select(family => (Family: family, Regret: table[Tuning.Best(table, f => f != family)][family] - table.Min(t => t[family]))).ToList();
        figures.Set("crossValidatedWorstFamily", regrets.MaxBy(r => r.Regret).Family);
        figures.Set("crossValidatedWorstRegret", Math.Exp(regrets.Max(r => r.Regret)) - 1);
    }

    private static ScalingSettings Settings => new() { Min = 1, Max = 100, Target = new(ScalingMeasure.Concurrency, Concurrency), ReplicaLimit = (int)Concurrency };

    private static IEnumerable<(string Name, IReadOnlyList<SimulatedRequest> Requests)> TracesOf(Figures figures)
    {
        var data = Environment.GetEnvironmentVariable("AIDC_DATA");
        var code = Traces.Azure(data, "code");
        var conversation = Traces.Azure(data, "conv");
        figures.Set(
            "traces", code is null || conversation is null
                ? "generated: the files of Azure are not under AIDC_DATA, so these figures say nothing of them"
                : "Azure LLM inference trace 2023");
        yield return ("Code", code ?? Traces.Generated(1, 2.5, 1.2));
        yield return ("Conv", conversation ?? Traces.Generated(2, 5.5, 4.7));
        yield return ("Bursts", Traces.Bursts(BurstsSeed));
        if (Environment.GetEnvironmentVariable("AIDC_TRACE") is { Length: > 0 } file) yield return ("File", Traces.Read(File.ReadLines(file)));
    }

    private static Mean Run(IReadOnlyList<SimulatedRequest> requests, Func<IScalingAlgorithm> algorithm)
    {
        var results = Enumerable.Range(0, Phases).Select(i =>
        {
            var one = algorithm();
            return ServingSimulator.Run(requests, one, new() { FirstTick = one.TickSeconds * i / Phases });
        }).ToList();
        return new(
            results.Average(r => r.Attainment), results.Average(r => r.ReplicaSeconds), results.Average(r => r.WaitP99), results.Max(r => r.Most));
    }

    private static void Show(Figures figures, Compared c)
    {
        figures.Set($"requestsOnTime{c.Trace}", c.Ours.Attainment);
        figures.Set($"requestsOnTimeKnative{c.Trace}", c.Knative.Attainment);
        figures.Set($"requestsOnTimeHpa{c.Trace}", c.Hpa.Attainment);
        figures.Set($"replicaSeconds{c.Trace}", c.Ours.ReplicaSeconds);
        figures.Set($"replicaSecondsKnative{c.Trace}", c.Knative.ReplicaSeconds);
        figures.Set($"replicaSecondsHpa{c.Trace}", c.Hpa.ReplicaSeconds);
        figures.Set($"waitP99Seconds{c.Trace}", c.Ours.WaitP99);
        figures.Set($"waitP99SecondsKnative{c.Trace}", c.Knative.WaitP99);
        figures.Set($"waitP99SecondsHpa{c.Trace}", c.Hpa.WaitP99);
        figures.Set($"sloGainOverKnative{c.Trace}", c.GainOverKnative);
        figures.Set($"sloGainOverHpa{c.Trace}", c.GainOverHpa);
        figures.Set($"replicaSecondsRatioToKnative{c.Trace}", c.RatioToKnative);
        figures.Set($"replicaSecondsRatioToHpa{c.Trace}", c.RatioToHpa);
    }
}
