using System.Globalization;
using System.Text.Json.Nodes;

namespace AiDc.EndToEnd;

/// <summary>
/// What can be done to the local cluster's nodes, whose processes are this machine's. On any other cluster nothing can, and the test is skipped.
/// </summary>
internal static class Nodes
{
    public static void RequireLocalCluster()
    {
        if (Shell.Try(Script, null, "is-up").Code != 0)
            Assert.Ignore("needs the local cluster, whose nodes it powers off");
    }

    /// <param name="how">link, drop or kill, as hack/cluster.sh knows them.</param>
    /// <returns>Powers the node on again when disposed, so that the next test finds it.</returns>
    public static IDisposable PowerOff(string node, string how)
    {
        Shell.Run(Script, "power-off", node, how);
        return new Undo(() => Shell.Run(Script, "power-on", node));
    }

    /// <summary>The kubelet stands still, and with it the node's lease; what runs on the node runs on.</summary>
    public static IDisposable StopKubelet(string node)
    {
        var kubelet = Processes("cmdline", text => text.Contains("kubelet", StringComparison.Ordinal) && text.Contains($"--hostname-override={node}\0", StringComparison.Ordinal)).Single();
        Shell.Run("kill", "-STOP", kubelet);
        return new Undo(() =>
        {
            Shell.Run("kill", "-CONT", kubelet);
            Shell.Run("kubectl", "wait", "node", node, "--for=condition=Ready", "--timeout=120s");
        });
    }

    /// <summary>The node offers no GPU any more, as when its device plugin finds that all are broken.</summary>
    public static IDisposable WithoutGpus(string node)
    {
        var before = SetGpus(node, "0");
        return new Undo(() => SetGpus(node, before));
    }

    /// <summary>Kills all processes of a pod's container, as the kernel would: no goodbye, no grace.</summary>
    public static void Kill(string ns, string pod)
    {
        var id = ContainerOf(ns, pod);
        foreach (var process in Processes("cgroup", text => text.Contains(id, StringComparison.Ordinal)).ToList())
            Shell.Try("kill", null, "-KILL", process);
    }

    /// <summary>Gives a running container less of its processor than it asked for.</summary>
    public static void Throttle(string ns, string pod, double cores)
    {
        const int Period = 100_000;
        var id = ContainerOf(ns, pod);
        var groups = File.ReadAllLines($"/proc/{Processes("cgroup", text => text.Contains(id, StringComparison.Ordinal)).First()}/cgroup").Select(line => line.Split(':', 3)).ToList();
        var quota = ((int)(cores * Period)).ToString(CultureInfo.InvariantCulture);
        if (groups.FirstOrDefault(g => g[1].Split(',').Contains("cpu")) is { } first)
            File.WriteAllText($"/sys/fs/cgroup/{first[1]}{first[2]}/cpu.cfs_quota_us", quota);
        else
            File.WriteAllText($"/sys/fs/cgroup{groups.Single(g => g[0] == "0")[2]}/cpu.max", $"{quota} {Period}");
    }

    private static string ContainerOf(string ns, string pod) =>
        Shell.Run("kubectl", "-n", ns, "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}").Trim().Split("//")[^1];

    private static string SetGpus(string node, string count)
    {
        for (var tries = 1; ; tries++)
        {
            var now = JsonNode.Parse(Shell.Run("kubectl", "get", "node", node, "-o", "json"))!;
            var before = now["status"]!["allocatable"]![Gpu]!.GetValue<string>();
            foreach (var list in new[] { "allocatable", "capacity" })
                now["status"]![list]![Gpu] = count;
            var (code, _, error) = Shell.Try("kubectl", now.ToJsonString(), "replace", "--raw", $"/api/v1/nodes/{node}/status", "-f", "-");
            if (code == 0)
                return before;
            // The kubelet writes to the same object.
            Assert.That(tries, Is.LessThan(20), error);
        }
    }

    private static IEnumerable<string> Processes(string file, Func<string, bool> matches) =>
        Directory.GetDirectories("/proc").Where(f => Path.GetFileName(f).All(char.IsAsciiDigit) && matches(Text(f, file))).Select(f => Path.GetFileName(f)!);

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

    private const string Gpu = "nvidia.com/gpu";

    private static string Script { get; } = Path.Combine(Root(), "hack", "cluster.sh");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AiDc.sln")))
                return folder.FullName;
        throw new InvalidOperationException("AiDc.sln is in no parent folder of this program");
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
