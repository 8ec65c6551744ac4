using System.Globalization;
using AiDc.Benchmarks.Serving.Cluster;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving;

/// <summary>
/// One model server on this machine, beside the load: the MNIST network with batching, without, and in a Python server on the same requests
/// and with as many threads. They take turns, each alone on the machine with the client, and medians are compared. Then a gateway before it,
/// and after that services of the local cluster.
/// </summary>
internal static class ServingBenchmark
{
    private const int Rounds = 3;
    private const int MaxBatch = 32;
    private const int Connections = 64;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2), Run = TimeSpan.FromSeconds(8);

    private enum Wire
    {
        Binary,
        Json,
        Grpc,
    }

    private sealed record Server(string Name, Func<CancellationToken, Task<ServerProcess>> Start, Wire Wire = Wire.Binary)
    {
        public List<double> PerSecond { get; } = [];

        public List<double> P50 { get; } = [];

        public List<double> P99 { get; } = [];

        public double Memory { get; set; }
    }

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        var parts = ServingParts.Wanted();
        using var digits = await ServedDigits.MakeAsync(figures, ct);
        var requests = new InferenceRequests(digits.Data, digits.Manifest.Normalization);
        if (parts.Contains(ServingParts.Server)) await MeasureServerAsync(figures, digits, requests, ct);
        if (parts.Count > 1 || !parts.Contains(ServingParts.Server)) await ClusterServing.RunAsync(digits, requests, parts, figures, ct);
    }

    private static async Task MeasureServerAsync(Figures figures, ServedDigits digits, InferenceRequests requests, CancellationToken ct)
    {
        Server batched = new("batched", c => digits.ServeAsync(MaxBatch, c)), unbatched = new("unbatched", c => digits.ServeAsync(1, c));
        Server json = new("JSON", c => digits.ServeAsync(MaxBatch, c), Wire.Json), grpc = new("gRPC", c => digits.ServeAsync(MaxBatch, c), Wire.Grpc);
        Server python = new("Python", c => digits.ServeWithPythonAsync(1, c)), pythonBatched = new("Python, batched", c => digits.ServeWithPythonAsync(MaxBatch, c));
        Server[] servers = [batched, unbatched, json, python, pythonBatched, grpc];
        double rate = 0, pythonRate = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var server in servers) await SaturateAsync(server, requests, ct);
            // Latencies are compared at a rate that the slower one stands with some to spare; Python's at one that it stands.
            if (round == 1) (rate, pythonRate) = (Spare(batched, unbatched), Spare(Faster(python, pythonBatched)));
            foreach (var server in new[] { batched, unbatched, json }) await MeasureLatencyAsync(server, requests, rate, ct);
            await MeasureLatencyAsync(Faster(python, pythonBatched), requests, pythonRate, ct);
        }

        Report(figures, servers, rate, pythonRate);
        await GatewayFigures.MeasureAsync(figures, digits, requests, ct);
    }

    private static double Spare(params Server[] servers) => Math.Floor(servers.Min(s => s.PerSecond[0]) * 0.6);

    /// <summary>By the first round, so that it stays the same one.</summary>
    private static Server Faster(Server one, Server other) => one.PerSecond[0] > other.PerSecond[0] ? one : other;

    private static void Report(Figures figures, Server[] servers, double rate, double pythonRate)
    {
        var (batched, unbatched, json, python, pythonBatched, grpc) = (servers[0], servers[1], servers[2], servers[3], servers[4], servers[5]);
        var best = Faster(python, pythonBatched);
        figures.Set("requestsPerSecond", Median(batched.PerSecond));
        figures.Set("unbatchedRequestsPerSecond", Median(unbatched.PerSecond));
        figures.Set("batchingGain", Median(batched.PerSecond) / Median(unbatched.PerSecond));
        figures.Set("jsonRequestsPerSecond", Median(json.PerSecond));
        figures.Set("grpcRequestsPerSecond", Median(grpc.PerSecond));
        figures.Set("pythonRequestsPerSecond", Median(python.PerSecond));
        figures.Set("pythonBatchedRequestsPerSecond", Median(pythonBatched.PerSecond));
        figures.Set("ratioToPython", Median(batched.PerSecond) / Median(best.PerSecond));
        figures.Set("latencyAtRequestsPerSecond", rate);
        figures.Set("pythonLatencyAtRequestsPerSecond", pythonRate);
        foreach (var (server, name) in new[] { (batched, ""), (unbatched, "unbatched"), (json, "json"), (best, "python") })
        {
            figures.Set(Figure(name, "p50Ms"), Median(server.P50));
            figures.Set(Figure(name, "p99Ms"), Median(server.P99));
            figures.Set(Figure(name, "memoryMiB"), server.Memory);
        }

        figures.Set("maxBatch", MaxBatch);
        figures.Set("connections", Connections);
        figures.Set("rounds", Rounds);
    }

    private static async Task SaturateAsync(Server server, InferenceRequests requests, CancellationToken ct)
    {
        await using var process = await server.Start(ct);
        (await LoadAsync(server, process, requests, WarmUp, ct)).MustSucceed(server.Name);
        var result = (await LoadAsync(server, process, requests, Run, ct)).MustSucceed(server.Name);
        server.PerSecond.Add(result.PerSecond);
        server.Memory = process.MemoryMebibytes;
        AnsiConsole.MarkupLineInterpolated($"  {server.Name}: {result}");
    }

    private static Task<LoadResult> LoadAsync(Server server, ServerProcess process, InferenceRequests requests, TimeSpan duration, CancellationToken ct) =>
        server.Wire == Wire.Grpc
            ? new GrpcLoad(process.Grpc, requests.Images).SaturateAsync(duration, Connections, ct)
            : new HttpLoad(process.Http, Requests(server, process, requests)).SaturateAsync(duration, Connections, ct);

    private static IReadOnlyList<byte[]> Requests(Server server, ServerProcess process, InferenceRequests requests) =>
        server.Wire == Wire.Json ? requests.Json(process.Http) : requests.Binary(process.Http);

    private static async Task MeasureLatencyAsync(Server server, InferenceRequests requests, double rate, CancellationToken ct)
    {
        await using var process = await server.Start(ct);
        var load = new HttpLoad(process.Http, Requests(server, process, requests));
        await Task.Run(() => load.Run(rate, WarmUp, Connections, ct), ct);
        var result = (await Task.Run(() => load.Run(rate, Run, Connections, ct), ct)).MustSucceed(server.Name);
        server.P50.Add(result.P50);
        server.P99.Add(result.P99);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {server.Name} at {rate:F0}/s: {result}");
    }

    private static string Figure(string server, string what) => server.Length == 0 ? what : server + char.ToUpperInvariant(what[0]) + what[1..];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
