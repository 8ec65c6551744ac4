using System.Diagnostics;
using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>The same trainer in a Job of stock Kubernetes: what a power-off costs without AiDc.</summary>
/// <remarks>
/// The node controller of Kubernetes 1.20 may evict from the first node that it loses and from no other one afterwards: it queues a lost node anew while
/// that waits for its turn, takes one of the entries out when the node is back, and the one that stays at the head of the queue uses up all further turns
/// (RateLimitedTimedQueue.Try, UniqueQueue.SetRemove). A lost node then is NotReady and never gets the taint that evicts its pods. Such a try has no
/// figure; it is counted and made again.
/// </remarks>
internal static class StockJob
{
    private const string Name = "stock";
    private const int Tries = 5;

    /// <summary>The node controller alone takes 40 s to notice, by its defaults; the taint that evicts comes within seconds of it, or never.</summary>
    private static readonly TimeSpan TaintPatience = TimeSpan.FromSeconds(80);

    /// <summary>And then 300 s to evict.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    public static async Task MeasureAsync(string root, Figures figures, CancellationToken ct)
    {
        for (var untainted = 0; untainted < Tries; untainted++)
        {
            if (await PowerOffAsync(root, ct) is not { } seconds)
            {
                AnsiConsole.MarkupLine("[yellow]  the lost node never got the taint that evicts its pods; once more[/]");
                continue;
            }

            figures.Set("stockSeconds", seconds);
            figures.Set("stockNodesNeverTainted", untainted);
            return;
        }

        throw new InvalidOperationException($"in {Tries} tries the cluster never evicted the pods of a lost node");
    }

    /// <returns>Seconds from the power-off to the first step of the replacement; null where there will be none.</returns>
    private static async Task<double?> PowerOffAsync(string root, CancellationToken ct)
    {
        var folder = LocalTrainings.Prepare(root, Name);
        var earlier = folder.Processes();
        await LocalCluster.ApplyAsync(Manifest(root, folder), ct);
        await folder.NewProcessesAsync(earlier, 1, TimeSpan.FromMinutes(3), ct);
        var node = await LocalCluster.KubectlAsync(
            ct, "-n", ElasticJob.Namespace, "get", "pods", "-l", $"job-name={Name}", "-o", "jsonpath={.items[0].spec.nodeName}");
        var before = folder.Processes();
        var at = DateTimeOffset.UtcNow;
        await LocalCluster.PowerOffAsync(node, "link", ct);
        try
        {
            return await IsTaintedAsync(node, ct) ? (await folder.NewProcessesAsync(before, 1, Patience, ct) - at).TotalSeconds : null;
        }
        finally
        {
            await LocalCluster.PowerOnAsync(node, CancellationToken.None);
            await LocalCluster.KubectlAsync(CancellationToken.None, "-n", ElasticJob.Namespace, "delete", "job", Name, "--wait=true");
            await LocalCluster.KubectlAsync(CancellationToken.None, "wait", "node", node, "--for=condition=Ready", "--timeout=120s");
        }
    }

    private static async Task<bool> IsTaintedAsync(string node, CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TaintPatience; await Task.Delay(TimeSpan.FromSeconds(1), ct))
            if ((await LocalCluster.KubectlAsync(ct, "get", "node", node, "-o", "jsonpath={.spec.taints[*].effect}")).Contains("NoExecute", StringComparison.Ordinal)) return true;
        return false;
    }

    private static string Manifest(string root, StepLedgerFolder folder) => $"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {Name}
          namespace: {ElasticJob.Namespace}
        spec:
          template:
            spec:
              restartPolicy: Never
        {Indent.By(6, LocalTrainings.PodSpec(root, folder, folder.Root))}
        """;
}
