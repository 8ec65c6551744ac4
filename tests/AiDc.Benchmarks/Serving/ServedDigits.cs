using AiDc.Trainer.Models;

namespace AiDc.Benchmarks.Serving;

/// <summary>The MNIST network after an epoch, as a bundle and as the TorchScript that Python makes of it.</summary>
/// <param name="Folder">Removed at the end.</param>
internal sealed record ServedDigits(string Folder) : IDisposable
{
    public string Bundle => Path.Combine(Folder, "run", "model");

    public string Script => Path.Combine(Folder, "mnist.pt");

    public string Data => Path.Combine(Folder, "data");

    public ModelManifest Manifest => ModelBundle.Read(Bundle).Manifest;

    public static async Task<ServedDigits> MakeAsync(Figures figures, CancellationToken ct)
    {
        var digits = new ServedDigits(Directory.CreateTempSubdirectory("aidc-bench-serving-").FullName);
        await BenchData.PrepareAsync(digits.Folder, figures, ct);
        await Repository.RunAsync(
            Repository.Trainer,
            ["train", "--task", "image-classification", "--data", digits.Data, "--format", "idx", "--model", "cnn", "--epochs", "1", "--batch-size", "64", "--seed", "1",
                "--checkpoint-dir", Path.Combine(digits.Folder, "run")],
            ct);
        await Repository.RunAsync("/usr/bin/python3", [Path.Combine(Repository.Root, "examples", "export_model.py"), "--bundle", digits.Bundle, "--torchscript", digits.Script], ct);
        return digits;
    }

    public Task<ServerProcess> ServeAsync(int maxBatch, CancellationToken ct) => ServerProcess.StartAsync(
        Repository.Trainer,
        (http, grpc) => ["serve", "--model", Bundle, "--format", "aidc", "--name", "mnist", "--http-port", $"{http}", "--grpc-port", $"{grpc}", "--metrics-port", "0",
            "--max-batch", $"{maxBatch}", "--max-batch-latency", "5ms", "--concurrency", "128", "--queue", "1024"],
        "/v2/health/ready", new Dictionary<string, string>(), ct);

    public Task<ServerProcess> ServeWithPythonAsync(int maxBatch, CancellationToken ct) => ServerProcess.StartAsync(
        "/usr/bin/python3",
        (http, _) => [Path.Combine(AppContext.BaseDirectory, "mnist_server.py"), "--model", Script, "--port", $"{http}", "--threads", $"{Environment.ProcessorCount}", "--max-batch", $"{maxBatch}"],
        // Threads of OpenMP that spin while they wait take the processor from the client; the trainer sees to that by itself.
        "/v2/health/ready", new Dictionary<string, string> { ["OMP_WAIT_POLICY"] = "passive" }, ct);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
