using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>The same trainings without any disturbance, one for each seed.</summary>
/// <param name="Losses">Of each step, by seed.</param>
/// <param name="Accuracies">Test accuracy, by seed.</param>
/// <param name="OrderOfSums">
/// Mean difference of the losses of the first seed by three workers and by two: nothing but the order of sums differs. Disturbed trainings
/// differ by as much, not by more, if nothing is lost.
/// </param>
internal sealed record References(
    IReadOnlyDictionary<int, SortedDictionary<long, double>> Losses, IReadOnlyDictionary<int, double> Accuracies, double OrderOfSums)
{
    public static async Task<References> RunAsync(string root, int epochs, int seeds, CancellationToken ct)
    {
        var losses = new Dictionary<int, SortedDictionary<long, double>>();
        var accuracies = new Dictionary<int, double>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            await using var job = await ElasticJob.StartAsync($"undisturbed-{seed}", root, epochs, seed, elastic: true, ct);
            accuracies[seed] = await job.SucceedsAsync(ct);
            losses[seed] = job.Ledger.Losses();
            AnsiConsole.MarkupLineInterpolated($"  undisturbed, seed {seed}: {losses[seed].Count} steps, test accuracy {accuracies[seed]}");
        }
        await using var two = await ElasticJob.StartAsync("undisturbed-by-two", root, epochs, 1, elastic: true, ct, workers: 2);
        await two.SucceedsAsync(ct);
        return new(losses, accuracies, MeanDifference(two.Ledger.Losses(), losses[1]));
    }

    /// <summary>Of the losses of equal steps.</summary>
    public static double MeanDifference(SortedDictionary<long, double> losses, SortedDictionary<long, double> others) =>
        losses.Average(step => Math.Abs(step.Value - others[step.Key]));
}
