using AiDc.Benchmarks.Autoscaling.Rivals;
using AiDc.Benchmarks.Autoscaling.Simulation;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Benchmarks.Autoscaling;

/// <summary>
/// The operator's autoscaler next to Knative's algorithm and the HorizontalPodAutoscaler's, on two public traces and one of bursts, in a
/// simulator. Each runs with its clock begun at several moments, because where a tick falls changes the figures; means are compared. What is
/// better has more requests on time and fewer replica-seconds.
/// </summary>
internal static class AutoscalingBenchmark
{
    private const int Phases = 5;
    private const double Concurrency = 4;
    private const int BurstsSeed = 1;

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
        figures.Set("sloGainOverKnative", all.Min(c => c.GainOverKnative));
        figures.Set("sloGainOverHpa", all.Min(c => c.GainOverHpa));
        figures.Set("replicaSecondsRatioToKnative", all.Max(c => c.RatioToKnative));
        figures.Set("replicaSecondsRatioToHpa", all.Max(c => c.RatioToHpa));
        return Task.CompletedTask;
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
