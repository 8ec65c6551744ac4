using AiDc.Operator.Serving.Policies;

namespace AiDc.Benchmarks.Canary;

/// <summary>
/// How the verdict about canaries errs: simulated trials on a recording of a real server, and trials of real ones
/// behind the real gateway, in which the canary is the very model that the stable revision serves.
/// </summary>
internal static class CanaryBenchmark
{
    private const string Simulated = "simulated", Real = "real";
    private const int Trials = 500;

    /// <summary>Twenty requests a second, which give the canary two, and two hundred.</summary>
    private static readonly double[] Rates = [20, 200];

    public static IReadOnlySet<string> WantedParts() => Parts.Wanted("AIDC_CANARY_PARTS", Simulated, Real);

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        var parts = WantedParts();
        if (parts.Contains(Simulated)) Simulate(figures);
        if (parts.Contains(Real)) await RealTrials.RunAsync(figures, Repository.Trainer, ct);
    }

    private static void Simulate(Figures figures)
    {
        var series = LatencySeries.Recorded();
        figures.Set("method", $"{Trials} trials each at {string.Join(" and ", Rates)} requests/s, analysis at its defaults; latencies resampled from a recording by the stationary bootstrap");
        figures.Set("statedFalseAlarms", CanaryFigures.FalseAlarms);
        Show(figures, "Same", series, new(), most: 20_000);
        Show(figures, "SameErrorsAtLimit", series, new(Errors: 0.01, StableErrors: 0.01), most: 20_000);
        Show(figures, "SameErrorsOfBoth", series, new(Errors: 0.03, StableErrors: 0.03), most: 20_000);
        Show(figures, "SameCallersLeave", series, new(Left: 0.05), most: 20_000);
        Show(figures, "TwiceAsSlow", series, new(Slower: 2), most: 500);
        Show(figures, "ErrorsTenPercent", series, new(Errors: 0.1), most: 500);
        Show(figures, "HalfAsSlowAgain", series, new(Slower: 1.5), most: 2000);
        Show(figures, "ErrorsThreePercent", series, new(Errors: 0.03), most: 2000);
    }

    private static void Show(Figures figures, string name, LatencySeries series, CanaryScenario scenario, int most)
    {
        foreach (var rate in Rates)
        {
            var outcomes = Enumerable.Range(0, Trials).AsParallel().WithDegreeOfParallelism(2)
                .Select(seed => CanarySimulator.Run(scenario with { RequestsPerSecond = rate }, series, seed, most)).ToList();
            var at = $"{name}At{rate:0}";
            figures.Set($"rolledBack{at}", outcomes.Count(o => o.IsRolledBack) / (double)Trials);
            figures.Set($"promoted{at}", outcomes.Count(o => o.IsPromoted) / (double)Trials);
            figures.Set($"requestsMedian{at}", outcomes.Select(o => o.Answered).Order().ElementAt(Trials / 2));
        }
    }
}
