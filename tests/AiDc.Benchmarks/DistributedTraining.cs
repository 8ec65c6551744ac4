using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiDc.Benchmarks;

/// <summary>
/// The trainer itself with 1, 2 and 4 processes, each with the same share of a core: weak scaling (64 images a process and
/// step), what of a step is spent in collectives, the bytes on the wire; whether all ranks end with the same bits, and with the
/// loss of one process.
/// </summary>
internal sealed class DistributedTraining(RankProcesses processes, CpuShares? shares, string folder)
{
    private const int BatchOfOne = 64;
    private const int ScalingSteps = 100;
    private const int EqualSteps = 500;
    private const int LossSteps = 100;
    private static readonly int[] Sizes = [1, 2, 4];
    private int runs;

    public static async Task RunAsync(RankProcesses processes, Figures figures, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("aidc-distributed-").FullName;
        using var shares = CpuShares.Create(Sizes[^1], Math.Min(1, (double)Environment.ProcessorCount / Sizes[^1]));
        try
        {
            var training = new DistributedTraining(processes, shares, folder);
            await Repository.RunAsync(Repository.Trainer, ["make-data", "digits", "--output", Path.Combine(folder, "data"), "--train", "20000", "--test", "500", "--seed", "1"], ct);
            await training.ScaleAsync(figures, ct);
            await training.CompareBitsAsync(figures, ct);
            await training.CompareLossAsync(figures, ct);
            figures.Set("cpuShare", shares is null ? "one core bound to each process, shared where there are more processes" : $"{shares.Cores:F2} cores for each process");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task ScaleAsync(Figures figures, CancellationToken ct)
    {
        var alone = 0.0;
        foreach (var size in Sizes)
        {
            var (reports, wire) = await TrainAsync(size, ["--batch-size", Text(BatchOfOne * size), "--max-steps", Text(ScalingSteps)], ct);
            var step = reports.Average(r => r.GetProperty("stepSeconds").GetDouble());
            figures.Set($"stepMilliseconds{size}", step * 1000);
            if (size == 1)
            {
                alone = step;
                continue;
            }

            figures.Set($"collectiveShare{size}", reports.Average(r => r.GetProperty("collectiveShare").GetDouble()));
            figures.Set($"weakScalingEfficiency{size}", alone / step);
            // The report leaves the first step out; the wire also carried the state that the first rank gave the others.
            var reduced = reports[0].GetProperty("bytesReduced").GetInt64() * ScalingSteps / (ScalingSteps - 1.0);
            figures.Set($"trainingWireToRingBound{size}", wire / (2.0 * (size - 1) * reduced));
        }
    }

    private async Task CompareBitsAsync(Figures figures, CancellationToken ct)
    {
        var (reports, _) = await TrainAsync(Sizes[^1], ["--batch-size", Text(BatchOfOne), "--batch-norm", "--max-steps", Text(EqualSteps)], ct);
        figures.Set("parametersEqual", reports.Select(r => r.GetProperty("parametersSha256").GetString()).Distinct().Count() == 1 ? 1 : 0);
        figures.Set("parametersEqualSteps", EqualSteps);
    }

    /// <summary>
    /// With sgd: adam divides by the root of the gradient's mean square, so that where a gradient is next to nothing the order of a
    /// sum decides on the sign of a whole step. One process with two threads then differs from one with one as much as two do.
    /// </summary>
    private async Task CompareLossAsync(Figures figures, CancellationToken ct)
    {
        List<double> losses = [];
        foreach (var size in Sizes)
        {
            var (reports, _) = await TrainAsync(size, ["--batch-size", Text(BatchOfOne), "--dropout", "0", "--optimizer", "sgd", "--learning-rate", "0.01", "--max-steps", Text(LossSteps)], ct);
            losses.Add(reports[0].GetProperty("lossAfterSteps").GetDouble());
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {size} ranks: loss {losses[^1]:F7} after {LossSteps} steps");
        }

        // In units of 1e-6: figures are rounded to four places.
        figures.Set("lossDifferenceMillionths", losses.Max(l => Math.Abs(l - losses[0])) * 1e6);
    }

    private async Task<(JsonElement[] Reports, long WireBytes)> TrainAsync(int size, string[] options, CancellationToken ct)
    {
        var run = Path.Combine(folder, $"run-{runs++}");
        Directory.CreateDirectory(run);
        var report = Path.Combine(run, "report.json");
        var (_, wire) = await processes.RunAsync(size, rank =>
            [
                "env", $"RANK={Text(rank)}", $"WORLD_SIZE={Text(size)}", "AIDC_INTERFACE=127.0.0.1", Repository.Trainer,
                "train", "--data", Path.Combine(folder, "data"), "--output", Path.Combine(run, "model"), "--epochs", "100", "--seed", "1", "--threads", "1",
                "--progress", "json", "--report", report, .. options,
                .. size == 1 ? Array.Empty<string>() : ["--distributed", "--rendezvous", Path.Combine(run, "meeting")],
            ], ct, shares);
        var reports = new List<JsonElement>();
        for (var rank = 0; rank < size; rank++)
            reports.Add(JsonDocument.Parse(await File.ReadAllTextAsync(rank == 0 ? report : Path.ChangeExtension(report, $"{Text(rank)}.json"), ct)).RootElement);
        return ([.. reports], wire);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
