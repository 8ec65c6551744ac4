using Spectre.Console;

namespace AiDc.Benchmarks.Serving;

/// <summary>
/// What a gateway between caller and server costs: 500 requests a second to the server, and through a gateway to the same server, in turns.
/// All on loopback, so that nothing but the gateway is between them.
/// </summary>
internal static class GatewayFigures
{
    private const int Rounds = 5;
    private const double Rate = 500;
    private const int Connections = 32;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5), Run = TimeSpan.FromSeconds(8);

    public static async Task MeasureAsync(Figures figures, ServedDigits digits, InferenceRequests requests, CancellationToken ct)
    {
        await using var server = await digits.ServeAsync(maxBatch: 32, ct);
        var path = $"/v1/namespaces/{GatewayHost.Service.Namespace}/services/{GatewayHost.Service.Name}";
        await using var gateway = await ServerProcess.StartAsync(
            Repository.Benchmarks,
            (http, grpc) => [GatewayHost.Command, $"{server.Http.Port}", $"{server.Grpc.Port}", $"{http}", $"{grpc}", $"{ServerProcess.FreePort()}"],
            path + "/v2/health/ready", new Dictionary<string, string>(), ct);
        var direct = new HttpLoad(server.Http, requests.Binary(server.Http));
        var through = new HttpLoad(gateway.Http, requests.Binary(gateway.Http, path + "/v2/models/mnist/infer"));
        await RunAsync(direct, WarmUp, ct);
        await RunAsync(through, WarmUp, ct);
        List<LoadResult> straight = [], passed = [];
        List<double> cpu = [];
        for (var round = 0; round < Rounds; round++)
        {
            straight.Add((await RunAsync(direct, Run, ct)).MustSucceed("direct"));
            var before = gateway.Cpu;
            passed.Add((await RunAsync(through, Run, ct)).MustSucceed("through the gateway"));
            cpu.Add((gateway.Cpu - before).TotalMilliseconds / passed[^1].Latencies.Count * 1000);
            AnsiConsole.MarkupLineInterpolated($"  direct: {straight[^1]}");
            AnsiConsole.MarkupLineInterpolated($"  through the gateway: {passed[^1]}");
        }

        figures.Set("directP50Ms", Median(straight.Select(r => r.P50)));
        figures.Set("directP99Ms", Median(straight.Select(r => r.P99)));
        figures.Set("gatewayP50Ms", Median(passed.Select(r => r.P50)) - Median(straight.Select(r => r.P50)));
        figures.Set("gatewayP99Ms", Median(passed.Select(r => r.P99)) - Median(straight.Select(r => r.P99)));
        figures.Set("gatewayRequestsPerSecond", Rate);
        figures.Set("gatewayCpuMsPerThousandRequests", Median(cpu));
        figures.Set("gatewayMemoryMiB", gateway.MemoryMebibytes);
    }

    private static Task<LoadResult> RunAsync(HttpLoad load, TimeSpan duration, CancellationToken ct) => Task.Run(() => load.Run(Rate, duration, Connections, ct), ct);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
