namespace AiDc.Benchmarks.Failover;

/// <summary>A TrainingJob of an image of one's own, which speaks no protocol of ours: a lost node restarts the gang.</summary>
internal static class OwnImageJob
{
    private const string Name = "own-image";

    /// <returns>Seconds from the power-off until the operator had seen it, and until all workers of the new gang had made a step.</returns>
    public static async Task<(double? DetectSeconds, double RestartSeconds)> PowerOffAsync(string root, CancellationToken ct)
    {
        var folder = LocalTrainings.Prepare(root, Name);
        await LocalCluster.ApplyAsync(Manifest(root, folder), ct);
        await folder.NewProcessesAsync([], ElasticJob.Workers, TimeSpan.FromMinutes(3), ct);
        var (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        var node = (await LocalCluster.KubectlAsync(
            ct, "-n", ElasticJob.Namespace, "get", "pods", "-l", $"aidc.dev/job={Name}", "-o", "jsonpath={.items[*].spec.nodeName}"))
            .Split(' ').Last(n => n != leaderNode);
        var before = folder.Processes();
        var at = DateTimeOffset.UtcNow;
        await LocalCluster.PowerOffAsync(node, "link", ct);
        try
        {
            var restarted = await folder.NewProcessesAsync(before, ElasticJob.Workers, TimeSpan.FromMinutes(5), ct);
            var failure = (await LocalCluster.GetAsync(ct, "tj", Name, "-n", ElasticJob.Namespace)).GetProperty("status").GetProperty("lastFailure");
            var detected = failure.GetProperty("detectedAt").GetDateTimeOffset();
            return (detected >= at ? (detected - at).TotalSeconds : null, (restarted - at).TotalSeconds);
        }
        finally
        {
            await LocalCluster.PowerOnAsync(node, CancellationToken.None);
            await LocalCluster.KubectlAsync(CancellationToken.None, "-n", ElasticJob.Namespace, "delete", "tj", Name, "--wait=true");
        }
    }

    private static string Manifest(string root, StepLedgerFolder folder) => $$$"""
        apiVersion: aidc.dev/v1alpha1
        kind: TrainingJob
        metadata:
          name: {{{Name}}}
          namespace: {{{ElasticJob.Namespace}}}
        spec:
          workers: {replicas: {{{ElasticJob.Workers}}}}
          resources: {cpu: 300m, memory: 1Gi}
          template:
            spec:
              terminationGracePeriodSeconds: 1
        {{{Indent.By(6, LocalTrainings.PodSpec(root, folder, folder.Root + "/rank-$(RANK)"))}}}
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
                labelSelector:
                  matchLabels: {aidc.dev/job: {{{Name}}}}
        """;
}
