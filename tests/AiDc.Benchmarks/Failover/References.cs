using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>The same trainings without any disturbance, one for each seed.</summary>
/// <param name="Losses">Of each step, by seed.</param>
/// <param name="Accuracies">Test accuracy, by seed.</param>
internal sealed record References(IReadOnlyDictionary<int, SortedDictionary<long, double>> Losses, IReadOnlyDictionary<int, double> Accuracies)
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
        return new(losses, accuracies);
    }
}
