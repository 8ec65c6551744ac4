using System.Globalization;
using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>Collects the trials, and what is checked after each training.</summary>
internal sealed class Outcomes(References references)
{
    private readonly Dictionary<string, List<Trial>> trials = new(StringComparer.Ordinal);
    private readonly List<(long LostSteps, long NewGenerations)> leaderKills = [];
    private readonly List<double> accuracyDifferences = [];
    private readonly List<double> lossDifferences = [];
    private int inexactLedgers;
    private int failures;

    public void Add(string kind, Trial trial)
    {
        if (!trials.TryGetValue(kind, out var list))
            trials[kind] = list = [];
        list.Add(trial);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"  {kind,-12} detected {trial.DetectSeconds:F2} s, resumed {trial.ResumeSeconds:F2} s, full strength {trial.FullStrengthSeconds:F1} s, steps lost {trial.LostSteps}");
    }

    public void Failed() => failures++;

    public void LeaderKilled((long LostSteps, long NewGenerations) outcome) => leaderKills.Add(outcome);

    /// <summary>Waits for the training's end and compares it with the undisturbed one.</summary>
    public async Task EndedAsync(ElasticJob job, int seed, CancellationToken ct)
    {
        var accuracy = await job.SucceedsAsync(ct);
        accuracyDifferences.Add(accuracy - references.Accuracies[seed]);
        var losses = job.Ledger.Losses();
        var expected = references.Losses[seed];
        if (losses.Count != expected.Count)
            throw new InvalidOperationException($"{job.Name} has {losses.Count} steps in its surviving history, an undisturbed run {expected.Count}");
        lossDifferences.Add(References.MeanDifference(losses, expected));
        if (await LedgerCheck.ProblemAsync(job.LedgerFolder, job.Epochs, ct) is { } problem)
        {
            inexactLedgers++;
            AnsiConsole.MarkupLineInterpolated($"[red]{job.Name}: {problem}[/]");
        }
    }

    public void Report(Figures figures, int rounds)
    {
        List<Trial> powerOff = [.. Of("link"), .. Of("drop")];
        Report(figures, "detectSeconds", powerOff.Select(t => t.DetectSeconds ?? double.NaN));
        Report(figures, "resumeSeconds", powerOff.Select(t => t.ResumeSeconds));
        Report(figures, "lostSteps", powerOff.Select(t => (double)t.LostSteps));
        Report(figures, "fullStrengthSeconds", powerOff.Select(t => t.FullStrengthSeconds));
        Report(figures, "linkResumeSeconds", Of("link").Select(t => t.ResumeSeconds));
        Report(figures, "dropResumeSeconds", Of("drop").Select(t => t.ResumeSeconds));
        Report(figures, "crashResumeSeconds", Of("crash").Select(t => t.ResumeSeconds));
        Report(figures, "crashLostSteps", Of("crash").Select(t => (double)t.LostSteps));
        Report(figures, "rigidFullStrengthSeconds", Of("rigid").Select(t => t.FullStrengthSeconds));
        Report(figures, "rigidLostSteps", Of("rigid").Select(t => (double)t.LostSteps));
        Report(figures, "leaderNodeResumeSeconds", Of("leaderNode").Select(t => t.ResumeSeconds));
        Report(figures, "leaderKilledLostSteps", leaderKills.Select(k => (double)k.LostSteps));
        Report(figures, "leaderKilledNewGenerations", leaderKills.Select(k => (double)k.NewGenerations));
        Report(figures, "accuracyDifference", accuracyDifferences.Select(Math.Abs));
        figures.Set("accuracyDifferenceMean", accuracyDifferences.Average());
        figures.Set("accuracyDifferenceStandardError", StandardError(accuracyDifferences));
        Report(figures, "meanLossDifference", lossDifferences);
        figures.Set("orderOfSumsLossDifference", references.OrderOfSums);
        figures.Set("inexactLedgers", inexactLedgers);
        figures.Set("failedTrainings", failures);
        figures.Set("rounds", rounds);
    }

    private List<Trial> Of(string kind) => trials.GetValueOrDefault(kind) ?? [];

    private static double StandardError(List<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
    }

    private static void Report(Figures figures, string name, IEnumerable<double> values)
    {
        var sorted = values.Where(double.IsFinite).Order().ToList();
        if (sorted.Count == 0)
            return;
        figures.Set(name, sorted[sorted.Count / 2]);
        figures.Set(name + "Worst", sorted[^1]);
        figures.Set(name + "Trials", sorted.Count);
    }
}
