namespace AiDc.Benchmarks;

/// <summary>MNIST from AIDC_DATA where it is there, else digits that the trainer draws, on the disk that all nodes share.</summary>
internal static class BenchData
{
    /// <summary>Training images of both.</summary>
    public const int Samples = 60_000;

    public static async Task PrepareAsync(string folder, Figures figures, CancellationToken ct)
    {
        var mnist = Path.Combine(Environment.GetEnvironmentVariable("AIDC_DATA") ?? "", "mnist");
        var real = File.Exists(Path.Combine(mnist, "train-images-idx3-ubyte.gz"));
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        if (real)
            foreach (var file in Directory.GetFiles(mnist, "*.gz"))
                File.Copy(file, Path.Combine(data, Path.GetFileName(file)), overwrite: true);
        else
            await Repository.RunAsync(
                Repository.Trainer,
                ["make-data", "digits", "--output", data, "--train", "60000", "--test", "5000", "--seed", "1"], ct);
        figures.Set("data", real ? "MNIST" : "digits drawn by make-data");
    }
}
