using System.Globalization;
using Spectre.Console;

namespace AiDc.Benchmarks;

/// <summary>
/// Training over several processes on this machine, one core each (processes beyond the number of cores share them).
/// First its collectives: the trainer's all-reduce of one bucket of gradients beside Gloo's own C++ loop, in turns, median of each. Then training.
/// </summary>
internal static class DistributedBenchmark
{
    private const int Turns = 5;
    private const int Rounds = 40;
    private const int Elements = 25 * 1024 * 1024 / sizeof(float);
    private const long Bytes = Elements * (long)sizeof(float);
    private static readonly int[] Sizes = [2, 4];

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        using var processes = await RankProcesses.CreateAsync(ct);
        await AllReduceAsync(processes, figures, ct);
        await DistributedTraining.RunAsync(processes, figures, ct);
    }

    private static async Task AllReduceAsync(RankProcesses processes, Figures figures, CancellationToken ct)
    {
        List<double> ratios = [];
        foreach (var size in Sizes)
        {
            List<double> ours = [];
            List<double> theirs = [];
            List<double> wire = [];
            for (var turn = 0; turn < Turns; turn++)
            {
                var (seconds, sent) = await TimeAsync(processes, size, [Repository.Benchmarks, "allreduce-rank"], ct);
                ours.Add(Rounds * Bytes / seconds / 1e9);
                wire.Add(sent / (RingLowerBound(size) * Bytes * (Rounds + 3)));
                (seconds, _) = await TimeAsync(processes, size, [Path.Combine(AppContext.BaseDirectory, "gloo_allreduce")], ct);
                theirs.Add(Rounds * Bytes / seconds / 1e9);
                AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {size} ranks, turn {turn + 1}: AiDc {ours[^1]:F2} GB/s, Gloo {theirs[^1]:F2} GB/s");
            }

            figures.Set($"allreduceGBps{size}", Median(ours));
            figures.Set($"glooGBps{size}", Median(theirs));
            figures.Set($"ratioToGloo{size}", Median(ours) / Median(theirs));
            figures.Set($"wireToRingBound{size}", Median(wire));
            ratios.Add(Median(ours) / Median(theirs));
            if (size == Sizes[0])
                figures.Set("allreduceGBps", Median(ours));
        }

        figures.Set("ratioToGloo", ratios.Min());
        figures.Set("wireCounted", processes.CountsAlone ? "on a loopback of their own" : "on the machine's loopback, other programs' traffic included");
        figures.Set("allreduceMB", Bytes / 1e6);
        figures.Set("turns", Turns);
    }

    /// <summary>Of all ranks together, for each byte of the tensor (Patarasuk and Yuan, Bandwidth optimal all-reduce, JPDC 2009).</summary>
    private static double RingLowerBound(int size) => 2.0 * (size - 1);

    private static async Task<(double Seconds, long Sent)> TimeAsync(RankProcesses processes, int size, string[] program, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("aidc-allreduce-").FullName;
        try
        {
            var (outputs, sent) = await processes.RunAsync(size, rank => [.. program, folder, Text(rank), Text(size), Text(Elements), Text(Rounds)], ct);
            // The slowest rank's: a rank may be a little ahead of the others at the end.
            return (outputs.Max(o => double.Parse(o, CultureInfo.InvariantCulture)), sent);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
