namespace AiDc.Benchmarks.Failover;

/// <summary>The same trainer in a Job of stock Kubernetes: what a power-off costs without AiDc.</summary>
internal static class StockJob
{
    private const string Name = "stock";

    /// <summary>The node controller alone takes 40 s to notice and 300 s to evict, by its defaults.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    /// <returns>Seconds from the power-off to the first step of the replacement.</returns>
    public static async Task<double> PowerOffAsync(string root, CancellationToken ct)
    {
        var folder = LocalTrainings.Prepare(root, Name);
        await LocalCluster.ApplyAsync(Manifest(root, folder), ct);
        await folder.NewProcessesAsync([], 1, TimeSpan.FromMinutes(3), ct);
        var node = await LocalCluster.KubectlAsync(
            ct, "-n", ElasticJob.Namespace, "get", "pods", "-l", $"job-name={Name}", "-o", "jsonpath={.items[0].spec.nodeName}");
        var before = folder.Processes();
        var at = DateTimeOffset.UtcNow;
        await LocalCluster.PowerOffAsync(node, "link", ct);
        try
        {
            return (await folder.NewProcessesAsync(before, 1, Patience, ct) - at).TotalSeconds;
        }
        finally
        {
            await LocalCluster.PowerOnAsync(node, CancellationToken.None);
            await LocalCluster.KubectlAsync(CancellationToken.None, "-n", ElasticJob.Namespace, "delete", "job", Name, "--wait=true");
        }
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
