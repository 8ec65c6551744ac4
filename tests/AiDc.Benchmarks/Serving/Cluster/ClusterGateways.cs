using System.Diagnostics;
using AiDc.Benchmarks.Failover;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>The gateways of the local cluster, and what clients see when one of two is lost without a goodbye.</summary>
internal static class ClusterGateways
{
    /// <summary>Of the clients: they try again over another connection afterwards.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<ServicePod>> PodsAsync(CancellationToken ct) =>
    [
        .. (await LocalCluster.GetAsync(ct, "pods", "-n", "aidc-system", "-l", "app.kubernetes.io/component=gateway")).GetProperty("items").EnumerateArray()
            .Where(p => !p.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)).Select(ServicePod.Of),
    ];

    public static async Task AreWholeAsync(CancellationToken ct) =>
        await LocalCluster.KubectlAsync(ct, "-n", "aidc-system", "rollout", "status", "deployment", "aidc-gateway", "--timeout=180s");

    /// <summary>One is killed, then the node of one is powered off: how long until no client sees an error any more.</summary>
    public static async Task MeasureAsync(ClusterService service, Traffic traffic, Figures figures, CancellationToken ct)
    {
        await service.ApplyAsync($"{{replicas: {Failures.Replicas}}}", ct);
        await service.IsWholeAsync(Failures.Replicas, ct);
        await AreWholeAsync(ct);
        await traffic.WarmUpAsync(ct);
        var killed = (await PodsAsync(ct))[0];
        await MeasureAsync("gatewayKilled", traffic, figures, () => LocalCluster.SignalContainerAsync("aidc-system", killed.Name, "KILL", ct), TimeSpan.FromSeconds(20), ct);
        await AreWholeAsync(ct);

        var (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        var lost = (await PodsAsync(ct)).OrderBy(p => p.Node == leaderNode).First();
        try
        {
            await MeasureAsync("gatewayLoss", traffic, figures, () => LocalCluster.PowerOffAsync(lost.Node, "link", ct), TimeSpan.FromSeconds(75), ct);
        }
        finally
        {
            await LocalCluster.PowerOnAsync(lost.Node, ct);
        }

        await AreWholeAsync(ct);
    }

    private static async Task MeasureAsync(string name, Traffic traffic, Figures figures, Func<Task> lose, TimeSpan watched, CancellationToken ct)
    {
        var (result, began) = await traffic.DuringAsync(
            async () =>
            {
                await lose();
                await Task.Delay(watched, ct);
            },
            Patience, ct);
        AnsiConsole.MarkupLineInterpolated($"  {name}: {result}; the first that failed: {result.Latencies.FirstFailure}");
        figures.Set(name + "ErrorSeconds", result.Latencies.Failed == 0 ? 0 : Stopwatch.GetElapsedTime(began, result.Latencies.LastFailureAt).TotalSeconds);
        figures.Set(name + "FailedRequests", result.Latencies.Failed);
        figures.Set(name + "Requests", result.Latencies.Count + result.Latencies.Failed);
    }
}
