using AiDc.Benchmarks.Failover;
using Spectre.Console;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>
/// Replicas, nodes, revisions, gateways and the operator's leader come and go under 200 requests a second. No request may fail, and none is
/// sent a second time by the client: what fails is counted.
/// </summary>
internal sealed class Failures(ClusterService service, Traffic traffic, Figures figures)
{
    public const int Replicas = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private int _failed;

    public async Task MeasureAsync(CancellationToken ct)
    {
        await service.ApplyAsync($"{{replicas: {Replicas}}}", ct);
        await service.IsWholeAsync(Replicas, ct);
        figures.Set("containersBesideModel", (await service.PodsAsync(ct)).Max(p => p.Containers) - 1);
        await traffic.WarmUpAsync(ct);
        await RunAsync("undisturbed", () => Task.Delay(TimeSpan.FromSeconds(10), ct), ct);
        await RunAsync("replicaDeleted", () => DeleteReplicaAsync(ct), ct);
        await RunAsync("replicaKilled", () => KillReplicaAsync(ct), ct);
        await RunAsync("rollout", () => RollOutAsync(ct), ct);
        await RunAsync("toZeroAndBack", () => ToZeroAndBackAsync(ct), ct);
        await RunAsync("gatewayRestarted", () => RestartGatewaysAsync(ct), ct);
        await RunAsync("leaderKilled", () => KillLeaderAsync(ct), ct);
        foreach (var how in new[] { "link", "drop" })
        {
            var node = await NodeWithoutGatewayAsync(ct);
            try
            {
                await RunAsync(how == "link" ? "nodeLink" : "nodeDrop", () => PowerOffAsync(node, how, ct), ct);
            }
            finally
            {
                await LocalCluster.PowerOnAsync(node, ct);
            }

            await ClusterGateways.AreWholeAsync(ct);
            await service.IsWholeAsync(Replicas, ct);
        }

        figures.Set("failedRequests", _failed);
        figures.Set("disturbedRequestsPerSecond", Traffic.Rate);
    }

    private async Task RunAsync(string name, Func<Task> what, CancellationToken ct)
    {
        await service.IsWholeAsync(Replicas, ct);
        var (result, _) = await traffic.DuringAsync(what, Patience, ct);
        AnsiConsole.MarkupLineInterpolated($"  {name}: {result}");
        if (result.Latencies.FirstFailure is { } why) AnsiConsole.MarkupLineInterpolated($"[red]  {name}: the first that failed: {why}[/]");
        _failed += result.Latencies.Failed;
        figures.Set(name + "Requests", result.Latencies.Count + result.Latencies.Failed);
        figures.Set(name + "FailedRequests", result.Latencies.Failed);
        figures.Set(name + "P99Ms", result.P99);
        figures.Set(name + "WorstMs", result.Latencies.Percentile(1));
    }

    private async Task DeleteReplicaAsync(CancellationToken ct)
    {
        await LocalCluster.KubectlAsync(ct, "-n", ClusterService.Namespace, "delete", "pod", (await service.PodsAsync(ct))[0].Name);
        await service.IsWholeAsync(Replicas, ct);
    }

    private async Task KillReplicaAsync(CancellationToken ct)
    {
        await LocalCluster.SignalContainerAsync(ClusterService.Namespace, (await service.PodsAsync(ct))[^1].Name, "KILL", ct);
        await Task.Delay(TimeSpan.FromSeconds(2), ct);
        await service.IsWholeAsync(Replicas, ct);
    }

    private async Task RollOutAsync(CancellationToken ct)
    {
        var before = (await service.StatusAsync(ct)).Stable;
        await service.ServeOtherModelAsync(ct);
        await service.UntilAsync("the other model is rolled out", async () => (await service.StatusAsync(ct)).Stable != before, ct);
        await service.IsWholeAsync(Replicas, ct);
    }

    private async Task ToZeroAndBackAsync(CancellationToken ct)
    {
        await service.PinAsync(0, ct);
        await service.UntilAsync("no replica is left", async () => (await service.PodsAsync(ct)).Count == 0, ct);
        await service.PinAsync(Replicas, ct);
        await service.IsWholeAsync(Replicas, ct);
    }

    private static async Task RestartGatewaysAsync(CancellationToken ct)
    {
        await LocalCluster.KubectlAsync(ct, "-n", "aidc-system", "rollout", "restart", "deployment", "aidc-gateway");
        await ClusterGateways.AreWholeAsync(ct);
        // The ones before serve on for a while, and end.
        await Task.Delay(TimeSpan.FromSeconds(20), ct);
    }

    private static async Task KillLeaderAsync(CancellationToken ct)
    {
        var (leader, _) = await LocalCluster.LeaderAsync(ct);
        await LocalCluster.SignalContainerAsync("aidc-system", leader, "KILL", ct);
        await LocalCluster.LeadsAsync(leader, ct);
        await LocalCluster.OperatorIsWholeAsync(ct);
    }

    /// <summary>Until as many replicas as before answer on the other nodes.</summary>
    private async Task PowerOffAsync(string node, string how, CancellationToken ct)
    {
        await LocalCluster.PowerOffAsync(node, how, ct);
        await service.UntilAsync(
            "the replicas of the lost node are replaced",
            async () => (await service.StatusAsync(ct)).Ready >= Replicas && (await service.PodsAsync(ct)).Count(p => p.Node != node) >= Replicas,
            ct);
    }

    /// <summary>What becomes of a gateway's own requests when its node is lost is another figure.</summary>
    private async Task<string> NodeWithoutGatewayAsync(CancellationToken ct)
    {
        var gateways = await ClusterGateways.PodsAsync(ct);
        return (await service.PodsAsync(ct)).Select(p => p.Node).FirstOrDefault(n => gateways.All(g => g.Node != n))
            ?? throw new InvalidOperationException("every node with a replica has a gateway too: start three nodes or more, and two gateways");
    }
}
