using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AiDc.Benchmarks.Failover;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>An InferenceService of the local cluster, with the MNIST network.</summary>
internal sealed class ClusterService(string name)
{
    public const string Namespace = "aidc-bench-serving";
    private const string Folder = "/var/lib/aidc/bench-serving";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public string Name => name;

    /// <summary>Where requests for it go at the gateways.</summary>
    public string Path => $"/v1/namespaces/{Namespace}/services/{name}/v2/models/{name}/infer";

    /// <summary>An empty namespace, and the same model twice on the disk that all nodes share: two revisions.</summary>
    public static async Task PrepareAsync(ServedDigits digits, CancellationToken ct)
    {
        await CleanUpAsync(ct);
        foreach (var version in new[] { "v1", "v2" })
        {
            var folder = Directory.CreateDirectory(System.IO.Path.Combine(Folder, version)).FullName;
            foreach (var file in Directory.GetFiles(digits.Bundle)) File.Copy(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)), overwrite: true);
        }

        await LocalCluster.KubectlAsync(ct, "create", "namespace", Namespace);
    }

    public static async Task CleanUpAsync(CancellationToken ct)
    {
        await LocalCluster.KubectlAsync(ct, "delete", "namespace", Namespace, "--ignore-not-found", "--wait=true");
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The Service of the gateways, which nodes and this machine reach.</summary>
    public static async Task<IPEndPoint> GatewaysAsync(CancellationToken ct) =>
        new(IPAddress.Parse(await LocalCluster.KubectlAsync(ct, "-n", "aidc-system", "get", "service", "aidc-gateway", "-o", "jsonpath={.spec.clusterIP}")), 80);

    /// <param name="scaling">In YAML's flow style.</param>
    public Task ApplyAsync(string scaling, CancellationToken ct) => LocalCluster.ApplyAsync(
        $$"""
        apiVersion: aidc.dev/v1alpha1
        kind: InferenceService
        metadata: {name: {{name}}, namespace: {{Namespace}}}
        spec:
          model: {uri: "hostpath://{{Folder}}/v1"}
          resources: {cpu: 100m, memory: 512Mi}
          scaling: {{scaling}}
        """, ct);

    public Task ServeOtherModelAsync(CancellationToken ct) => PatchAsync(new { spec = new { model = new { uri = $"hostpath://{Folder}/v2" } } }, ct);

    public Task PinAsync(int replicas, CancellationToken ct) => PatchAsync(new { spec = new { scaling = new { replicas } } }, ct);

    public Task DeleteAsync(CancellationToken ct) => KubectlAsync(ct, "delete", "isvc", name, "--wait=true");

    public async Task<ServiceStatus> StatusAsync(CancellationToken ct)
    {
        var service = await LocalCluster.GetAsync(ct, "isvc", name, "-n", Namespace);
        return service.TryGetProperty("status", out var status) ? ServiceStatus.Of(status) : new("", "", 0, 0, []);
    }

    /// <summary>Its pods that are not about to end.</summary>
    public async Task<IReadOnlyList<ServicePod>> PodsAsync(CancellationToken ct) =>
    [
        .. (await LocalCluster.GetAsync(ct, "pods", "-n", Namespace, "-l", $"aidc.dev/inference-service={name}")).GetProperty("items").EnumerateArray()
            .Where(p => !p.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)).Select(ServicePod.Of),
    ];

    public async Task UntilAsync(string what, Func<Task<bool>> condition, CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(500, ct))
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new TimeoutException($"{name}: not within {Patience}: {what}\n{await KubectlAsync(ct, "get", "isvc,pods", "-o", "wide")}");
    }

    /// <summary>Waits until so many replicas answer, all of one revision, and none is to go.</summary>
    public Task IsWholeAsync(int replicas, CancellationToken ct) => UntilAsync(
        $"{replicas} replicas answer",
        async () => await StatusAsync(ct) is { Revisions.Count: 1 } status && status.Ready == replicas && (await PodsAsync(ct)).Count == replicas,
        ct);

    /// <summary>Waits until it has no replica and wants none.</summary>
    public Task IsIdleAsync(CancellationToken ct) => UntilAsync(
        "it is idle",
        async () => (await StatusAsync(ct)).Phase == "Idle"
            && (await KubectlAsync(ct, "get", "pods", "-l", $"aidc.dev/inference-service={name}", "-o", "name")).Length == 0,
        ct);

    private Task<string> PatchAsync(object merge, CancellationToken ct) =>
        KubectlAsync(ct, "patch", "isvc", name, "--type=merge", "-p", JsonSerializer.Serialize(merge));

    private static Task<string> KubectlAsync(CancellationToken ct, params string[] arguments) => LocalCluster.KubectlAsync(ct, ["-n", Namespace, .. arguments]);
}

/// <summary>What the operator says of a service.</summary>
internal sealed record ServiceStatus(string Phase, string Stable, int Ready, int Desired, IReadOnlyList<string> Revisions)
{
    public static ServiceStatus Of(JsonElement status) => new(
        Text(status, "phase"),
        Text(status, "stable"),
        Number(status, "ready"),
        Number(status, "desired"),
        status.TryGetProperty("revisions", out var revisions) ? [.. revisions.EnumerateArray().Select(r => r.GetProperty("name").GetString()!)] : []);

    private static string Text(JsonElement status, string what) => status.TryGetProperty(what, out var text) ? text.GetString()! : "";

    private static int Number(JsonElement status, string what) =>
        status.TryGetProperty("replicas", out var replicas) && replicas.TryGetProperty(what, out var number) ? number.GetInt32() : 0;
}

/// <param name="Containers">How many; one is the model server.</param>
internal sealed record ServicePod(string Name, string Node, int Containers)
{
    public static ServicePod Of(JsonElement pod) => new(
        pod.GetProperty("metadata").GetProperty("name").GetString()!,
        pod.GetProperty("spec").TryGetProperty("nodeName", out var node) ? node.GetString()! : "",
        pod.GetProperty("spec").GetProperty("containers").GetArrayLength());
}
