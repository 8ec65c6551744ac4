using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiDc.Benchmarks;

/// <summary>
/// The MNIST CNN in one pod of the cluster against Debian's python3-torch on the same work: same layers, batch size, optimizer,
/// threads, data in memory. The two take turns in one run, and medians are compared. The trainer's figure contains the work of
/// its loader; python's data is normalised before its clock starts. Python runs outside the cluster, without a pod's overhead.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Rounds = 3;
    private const int BatchSize = 64;
    private const string Folder = "/var/lib/aidc/bench";

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        var mnist = Path.Combine(Environment.GetEnvironmentVariable("AIDC_DATA") ?? "", "mnist");
        var real = File.Exists(Path.Combine(mnist, "train-images-idx3-ubyte.gz"));
        await using var pods = await TrainerPods.CreateAsync(Folder, ct);
        if (real)
            foreach (var file in Directory.GetFiles(mnist, "*.gz"))
                File.Copy(file, Path.Combine(pods.Data, Path.GetFileName(file)), overwrite: true);
        else
            await pods.RunAsync("make-data", ["make-data", "digits", "--output", "/bench/data", "--train", "60000", "--test", "5000", "--seed", "1"], ct);

        // Three epochs: 2,814 steps of MNIST. The first run is also the one for accuracy.
        List<JsonElement> ours = [];
        List<double> theirs = [];
        for (var round = 1; round <= Rounds; round++)
        {
            ours.Add(await TrainAsync(pods, round, ct));
            theirs.Add(await PythonAsync(pods.Data, ct));
            AnsiConsole.MarkupLineInterpolated(
                CultureInfo.InvariantCulture, $"  round {round}: AiDc {Number(ours[^1], "samplesPerSecond"):F0} images/s, PyTorch {theirs[^1]:F0}");
        }

        figures.Set("data", real ? "MNIST" : "digits drawn by make-data");
        figures.Set("samplesPerSecond", Median(ours, "samplesPerSecond"));
        figures.Set("pyTorchSamplesPerSecond", theirs.Order().ElementAt(Rounds / 2));
        figures.Set("ratioToPyTorch", Median(ours, "samplesPerSecond") / theirs.Order().ElementAt(Rounds / 2));
        figures.Set("dataWaitShare", ours.Max(o => Number(o, "dataWaitShare")));
        figures.Set("peakMemoryMiB", ours.Max(o => Number(o, "peakMemoryMiB")));
        figures.Set("liveTensorGrowth", ours.Max(o => Number(o, "liveTensorGrowth")));
        figures.Set("firstStepSeconds", Median(ours, "firstStepSeconds"));
        if (real)
        {
            figures.Set("testAccuracy", Median(ours, "testAccuracy"));
            figures.Set("testAccuracyWorst", ours.Min(o => Number(o, "testAccuracy")));
        }

        figures.Set("batchSize", BatchSize);
        figures.Set("rounds", Rounds);
    }

    private static async Task<JsonElement> TrainAsync(TrainerPods pods, int round, CancellationToken ct)
    {
        await pods.RunAsync($"train-{round}",
            [
                "train", "--task", "image-classification", "--data", "/bench/data", "--format", "idx", "--model", "cnn",
                "--epochs", "3", "--batch-size", Text(BatchSize), "--dropout", "0.2", "--optimizer", "adam",
                "--learning-rate", "0.003", "--schedule", "cosine",
                "--seed", Text(round), "--threads", Text(Environment.ProcessorCount),
                "--checkpoint-dir", $"/bench/models/{round}", "--report", $"/bench/report-{round}.json",
            ], ct);
        return JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, $"report-{round}.json"), ct)).RootElement;
    }

    private static async Task<double> PythonAsync(string data, CancellationToken ct)
    {
        var output = await Repository.RunAsync("/usr/bin/python3",
            [
                Path.Combine(AppContext.BaseDirectory, "mnist_pytorch.py"), "--data", data,
                "--batch-size", Text(BatchSize), "--threads", Text(Environment.ProcessorCount),
            ], ct);
        return Number(JsonDocument.Parse(output).RootElement, "samplesPerSecond");
    }

    private static double Median(List<JsonElement> runs, string figure) => runs.Select(r => Number(r, figure)).Order().ElementAt(runs.Count / 2);

    private static double Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new InvalidOperationException($"the report has no {name}: {from}");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
