using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Tests.Training.Server;
using AiDc.Testing;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>
/// A namespace of a test's own, whose pods are bound to nodes, run and become ready by themselves as with a scheduler and kubelets, unless the test
/// says otherwise.
/// </summary>
internal sealed class ServingCluster : IAsyncDisposable
{
    private const int LeaseSeconds = 2;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private readonly KubernetesApiClient client = TestCluster.ClientOf(ServingPlane.Plane.Configuration());
    private readonly Kubernetes kubernetes = new(ServingPlane.Plane.Configuration());
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<string> silent = [];
    private readonly HashSet<string> broken = [];
    private Task running = Task.CompletedTask;
    private int turn;

    private ServingCluster(string ns) => Namespace = ns;

    public string Namespace { get; }

    public IKubernetesClient Client => client;

    public static async Task<ServingCluster> CreateAsync()
    {
        var cluster = new ServingCluster((await TestNamespace.CreateAsync(ServingPlane.Plane)).Name);
        foreach (var name in cluster.Nodes)
        {
            await cluster.client.CreateAsync(TestNode.Named(name).Build(), default);
            await cluster.client.CreateAsync(new V1Lease
            {
                ApiVersion = "coordination.k8s.io/v1",
                Kind = "Lease",
                Metadata = new() { Name = name, NamespaceProperty = "kube-node-lease" },
                Spec = new() { HolderIdentity = name, LeaseDurationSeconds = LeaseSeconds, RenewTime = DateTime.UtcNow },
            }, default);
        }
        cluster.running = cluster.RunAsync();
        return cluster;
    }

    public string[] Nodes => [$"{Namespace}-a", $"{Namespace}-b"];

    public NamespacedName Name(string name) => new(Namespace, name);

    public Task<InferenceService> ApplyAsync(string name, InferenceServiceSpec spec) =>
        client.CreateAsync(new InferenceService { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = spec }, default);

    public Task EditAsync(string name, object spec) => client.PatchMergeAsync<InferenceService>(Name(name), new { spec }, default);

    /// <summary>Waits for a service to be as the test wants it; on failure says how it is.</summary>
    public async Task<InferenceService> WaitAsync(string name, Func<InferenceService, bool> condition, TimeSpan? deadline = null)
    {
        InferenceService? service = null;
        try
        {
            await Eventually.Assert(async () => condition(service = (await client.GetAsync<InferenceService>(Name(name), default))!), deadline ?? TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            var pods = string.Join(", ", (await PodsAsync()).Select(p => $"{p.Metadata.Name} on {p.Spec.NodeName}: {p.Status.Phase}"));
            throw new TimeoutException($"{e.Message}\nthe service: {KubernetesJson.Serialize(service!.Status)}\npods: {pods}", e);
        }
        return service!;
    }

    public async Task<IReadOnlyList<V1Pod>> PodsAsync() => (await client.ListAsync<V1Pod>(Namespace, null, default)).Items;

    public async Task<IReadOnlyList<V1Deployment>> RevisionsAsync() => (await client.ListAsync<V1Deployment>(Namespace, null, default)).Items;

    /// <summary>From now on the servers of a revision end as soon as they start.</summary>
    public void Break(string revision)
    {
        lock (broken) broken.Add(revision);
    }

    /// <summary>The node is powered off: its lease is not renewed, its pods say what they said last.</summary>
    public void PowerOff(string node)
    {
        lock (silent) silent.Add(node);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
        kubernetes.Dispose();
        client.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Every, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                foreach (var node in Nodes.Where(n => !IsSilent(n)))
                    await client.PatchMergeAsync<V1Lease>(new("kube-node-lease", node), new { spec = new { renewTime = Micro() } }, stop.Token);
                foreach (var pod in await PodsAsync()) await TendAsync(pod);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task TendAsync(V1Pod pod)
    {
        try
        {
            var name = NamespacedName.Of(pod);
            if (pod.Spec.NodeName is null)
            {
                var node = Nodes.Where(n => !IsSilent(n)).ElementAt(turn++ % Nodes.Count(n => !IsSilent(n)));
                await kubernetes.CoreV1.CreateNamespacedPodBindingAsync(
                    new() { Metadata = new() { Name = name.Name }, Target = new() { Kind = "Node", Name = node } }, name.Name, Namespace, cancellationToken: stop.Token);
            }
            else if (IsSilent(pod.Spec.NodeName)) return;
            else if (pod.Metadata.DeletionTimestamp is not null) await client.DeleteAsync<V1Pod>(name, new(Uid: pod.Metadata.Uid, GracePeriodSeconds: 0), stop.Token);
            else if (StatusOf(pod) is { } status) await client.PatchMergeAsync<V1Pod>(name, new { status }, stop.Token, "status");
        }
        catch (ApiException)
        {
            // It went meanwhile.
        }
        catch (k8s.Autorest.HttpOperationException)
        {
        }
    }

    private V1PodStatus? StatusOf(V1Pod pod)
    {
        bool ends;
        lock (broken) ends = broken.Contains(pod.Metadata.Labels[Labels.Revision]);
        var ready = pod.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
        var crashed = pod.Status.ContainerStatuses?.Any(c => c.RestartCount > 0) == true;
        if (ends ? crashed : ready) return null;
        var ended = new V1ContainerStateTerminated { ExitCode = 2, Reason = "Error", Message = "reading /model\nno such file", FinishedAt = DateTime.UtcNow };
        return new()
        {
            Phase = "Running",
            Conditions = [new() { Type = "Ready", Status = ends ? "False" : "True", LastTransitionTime = DateTime.UtcNow }],
            ContainerStatuses =
            [
                new()
                {
                    Name = "server", Image = "x", ImageID = "", Ready = !ends, RestartCount = ends ? 3 : 0,
                    State = ends ? new() { Waiting = new() { Reason = "CrashLoopBackOff" } } : new() { Running = new() { StartedAt = DateTime.UtcNow } },
                    LastState = ends ? new() { Terminated = ended } : null,
                },
            ],
        };
    }

    private bool IsSilent(string node)
    {
        lock (silent) return silent.Contains(node);
    }

    private static string Micro() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffK", System.Globalization.CultureInfo.InvariantCulture);
}
