using System.Diagnostics;
using System.Globalization;
using AiDc.Benchmarks.Failover;
using Spectre.Console;

namespace AiDc.Benchmarks.Chaos;

/// <summary>
/// One training, and for so many minutes random kills, link cuts, silent drops, power cuts, pauses, delays and deaths of the operator's leader.
/// It has to succeed, and its ledger has to be exact: else the run fails. What it cost is the goodput: the time that the steps of the surviving
/// history take undisturbed, over the time that passed.
/// </summary>
internal static class ChaosBenchmark
{
    private const string Folder = "/var/lib/aidc/bench";

    /// <summary>Steps at the beginning that nobody disturbs. What a step takes is measured in the last ones: code that runs for the first time is slow.</summary>
    private const int QuietSteps = 300, MeasuredSteps = 150;

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("CHAOS_MINUTES") ?? "20", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("CHAOS_SEED") ?? "1", CultureInfo.InvariantCulture);
        await ElasticJob.PrepareAsync(Folder, ct);
        await BenchData.PrepareAsync(Folder, figures, ct);
        await using var job = await ElasticJob.StartAsync("chaos", Folder, Epochs(minutes), seed, elastic: true, ct);
        var quiet = await job.TrainsAtFullStrengthAsync(QuietSteps, ct);
        var stepSeconds = StepSeconds(quiet);
        var (counts, disturbed) = await DisturbAsync(job, TimeSpan.FromMinutes(minutes), seed, ct);

        // What is over epochs is not waited for hours: the job is as long as its chaos, and a little more.
        var accuracy = await job.SucceedsAsync(ct);
        var ledger = job.Ledger;
        var wall = (ledger.Commits[^1].At - ledger.Commits[0].At).TotalSeconds;
        var steps = ledger.Losses().Count;
        figures.Set("minutes", disturbed.TotalMinutes);
        figures.Set("seed", seed);
        foreach (var (what, count) in counts)
            figures.Set(char.ToLowerInvariant(what.ToString()[0]) + what.ToString()[1..] + "Count", count);
        figures.Set("generations", ledger.Generation);
        figures.Set("steps", steps);
        figures.Set("undisturbedStepSeconds", stepSeconds);
        figures.Set("wallSeconds", wall);
        figures.Set("goodput", steps * stepSeconds / wall);
        figures.Set("testAccuracy", accuracy);
        if (await LedgerCheck.ProblemAsync(job.LedgerFolder, job.Epochs, ct) is { } problem)
            throw new InvalidOperationException($"the ledger is not exact: {problem}");
        figures.Set("ledgerExact", 1);
    }

    /// <returns>How often what happened, and for how long: less than was asked for where the training was over before.</returns>
    private static async Task<(SortedDictionary<Disturbance, int> Counts, TimeSpan For)> DisturbAsync(ElasticJob job, TimeSpan duration, int seed, CancellationToken ct)
    {
        var counts = new SortedDictionary<Disturbance, int>();
        var clock = Stopwatch.StartNew();
        foreach (var next in ChaosPlan.Draw(seed, LocalCluster.Nodes))
        {
            await Task.Delay(next.After, ct);
            if (clock.Elapsed > duration || await job.IsOverAsync(ct))
                break;
            var step = job.Ledger.Step;
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {clock.Elapsed.TotalSeconds,6:F0} s  step {step,6}  {next.What} {next.Node} for {next.For.TotalSeconds:F0} s");
            await Disturbances.CarryOutAsync(next, job, ct);
            counts[next.What] = counts.GetValueOrDefault(next.What) + 1;
        }

        return (counts, clock.Elapsed);
    }

    /// <summary>The median of the time between two of the last commits of one process.</summary>
    private static double StepSeconds(StepLedger ledger)
    {
        var process = ledger.Commits.Where(c => c.Generation == ledger.Generation).GroupBy(c => c.File).First().OrderBy(c => c.Step).ToList();
        var durations = process.Zip(process.Skip(1), (a, b) => (b.At - a.At).TotalSeconds).TakeLast(MeasuredSteps).Order().ToList();
        return durations[durations.Count / 2];
    }

    /// <summary>About as long as the chaos at the speed that two cores reach under it; the run ends when the training does.</summary>
    private static int Epochs(double minutes) => Math.Max(3, (int)Math.Round(minutes * 60 / double.Parse(
        Environment.GetEnvironmentVariable("CHAOS_EPOCH_SECONDS") ?? "40", CultureInfo.InvariantCulture)));
}
