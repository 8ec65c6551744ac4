using System.Text.Json;

namespace AiDc.Benchmarks.Failover;

/// <summary>The local cluster as the failover benchmark uses it: nodes whose power it cuts, and kubectl.</summary>
internal static class LocalCluster
{
    public static IReadOnlyList<string> Nodes { get; } = ["node1", "node2", "node3"];

    /// <param name="how">link, drop or kill, as hack/cluster.sh knows them.</param>
    public static Task PowerOffAsync(string node, string how, CancellationToken ct) =>
        Repository.RunAsync(Script, ["power-off", node, how], ct);

    public static Task PowerOnAsync(string node, CancellationToken ct) => Repository.RunAsync(Script, ["power-on", node], ct);

    public static async Task<string> KubectlAsync(CancellationToken ct, params string[] arguments) =>
        (await Repository.RunAsync("kubectl", arguments, ct)).Trim();

    public static async Task ApplyAsync(string yaml, CancellationToken ct)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, yaml, ct);
            await Repository.RunAsync("kubectl", ["apply", "-f", file], ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The leading replica's pod and its node.</summary>
    public static async Task<(string Pod, string Node)> LeaderAsync(CancellationToken ct)
    {
        var holder = await KubectlAsync(ct, "-n", "aidc-system", "get", "lease", "aidc-operator", "-o", "jsonpath={.spec.holderIdentity}");
        var pod = holder.Split('_')[0];
        return (pod, await KubectlAsync(ct, "-n", "aidc-system", "get", "pod", pod, "-o", "jsonpath={.spec.nodeName}"));
    }

    /// <summary>Waits until another pod leads than the one that was killed; half a minute at most, for the same one may have come back in time.</summary>
    public static async Task LeadsAsync(string killed, CancellationToken ct)
    {
        for (var tries = 0; tries < 120; tries++)
        {
            var (pod, _) = await LeaderAsync(ct);
            if (pod != killed && await KubectlAsync(ct, "-n", "aidc-system", "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].ready}") == "true")
                return;
            await Task.Delay(250, ct);
        }
    }

    /// <summary>
    /// Gives a replica that was killed a new pod: kubelets wait ever longer, up to five minutes, before they start a container again that
    /// dies again and again, and there would be no second replica for what comes next.
    /// </summary>
    public static Task RenewReplicaAsync(string pod, CancellationToken ct) =>
        KubectlAsync(ct, "-n", "aidc-system", "delete", "pod", pod, "--ignore-not-found", "--wait=false");

    public static Task OperatorIsWholeAsync(CancellationToken ct) =>
        KubectlAsync(ct, "-n", "aidc-system", "rollout", "status", "deployment", "aidc-operator", "--timeout=300s");

    /// <summary>Sends the processes of a pod's container a signal (KILL: as the kernel would, no goodbye, no grace).</summary>
    /// <remarks>
    /// The nodes' processes are this machine's: found by the container's id in their control group. One that is gone already is not an error:
    /// the cluster may have been faster.
    /// </remarks>
    public static async Task SignalContainerAsync(string containerNamespace, string pod, string signal, CancellationToken ct)
    {
        var id = (await KubectlAsync(ct, "-n", containerNamespace, "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}"))
            .Split("//")[^1];
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => Path.GetFileName(f).All(char.IsAsciiDigit)))
            if (BelongsTo(folder, id))
                await Repository.RunAsync("bash", ["-c", $"kill -{signal} {Path.GetFileName(folder)} || true"], ct);
    }

    /// <summary>Processes of the trainer that still run on the nodes; a node that came back needs a moment to stop what was force-deleted.</summary>
    public static async Task<int> TrainersLeftAsync(CancellationToken ct)
    {
        for (var tries = 0; ; tries++)
        {
            var left = Directory.GetDirectories("/proc").Count(f => Path.GetFileName(f).All(char.IsAsciiDigit) && IsTrainerOfTheCluster(f));
            if (left == 0 || tries == 120)
                return left;
            await Task.Delay(500, ct);
        }
    }

    /// <summary>Makes a node's packets late, or no longer.</summary>
    public static Task SlowDownAsync(string node, bool slow, CancellationToken ct) =>
        Repository.RunAsync(Script, [slow ? "slow-down" : "speed-up", node], ct);

    public static async Task<JsonElement> GetAsync(CancellationToken ct, params string[] what) =>
        JsonDocument.Parse(await KubectlAsync(ct, ["get", .. what, "-o", "json"])).RootElement;

    private static string Script => Path.Combine(Repository.Root, "hack", "cluster.sh");

    private static bool IsTrainerOfTheCluster(string folder) =>
        Text(folder, "comm").StartsWith("aidc-trainer", StringComparison.Ordinal) && BelongsTo(folder, "aidc-cluster");

    private static bool BelongsTo(string folder, string group) => Text(folder, "cgroup").Contains(group, StringComparison.Ordinal);

    private static string Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It ended meanwhile.
        }
    }
}
