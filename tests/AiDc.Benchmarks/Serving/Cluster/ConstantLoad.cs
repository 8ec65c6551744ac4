using System.Diagnostics;
using System.Net;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>So many minutes of the same load: a number of replicas that changes would be the autoscaler's own unrest.</summary>
internal static class ConstantLoad
{
    /// <summary>Requests a second: of all, and that one replica takes.</summary>
    private const double Rate = 90, PerReplica = 20;
    private const int Connections = 32;

    /// <summary>In which the autoscaler finds its number.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    public static async Task MeasureAsync(IPEndPoint gateways, InferenceRequests requests, TimeSpan duration, Figures figures, CancellationToken ct)
    {
        var service = new ClusterService("constant");
        await service.ApplyAsync($"{{min: 1, max: 12, target: {{requestsPerSecond: {PerReplica}}}}}", ct);
        await service.IsWholeAsync(1, ct);
        var load = Task.Factory.StartNew(
            () => new HttpLoad(gateways, requests.Binary(gateways, service.Path)).Run(Rate, Settling + duration, Connections, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(Settling, ct);
        List<int> replicas = [];
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; await Task.Delay(TimeSpan.FromSeconds(5), ct))
        {
            replicas.Add((await service.StatusAsync(ct)).Desired);
            if (replicas.Count % 12 == 1) AnsiConsole.MarkupLineInterpolated($"  constant load, minute {Stopwatch.GetElapsedTime(start).TotalMinutes:F0} of {duration.TotalMinutes:F0}: {replicas[^1]} replicas");
        }

        var result = await load;
        AnsiConsole.MarkupLineInterpolated($"  constant load: {result}");
        figures.Set("constantMinutes", duration.TotalMinutes);
        figures.Set("constantReplicasFewest", replicas.Min());
        figures.Set("constantReplicasMost", replicas.Max());
        figures.Set("constantReplicaChange", (replicas.Max() - replicas.Min()) / (double)replicas.Max());
        figures.Set("constantFailedRequests", result.Latencies.Failed);
        await service.DeleteAsync(ct);
    }
}
