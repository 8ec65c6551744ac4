using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Testing;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>A namespace of a test's own, with the test in the parts of user, scheduler and kubelet.</summary>
internal sealed class TestCluster : IDisposable
{
    private readonly KubernetesApiClient client = ClientOf(TrainingPlane.Plane.Configuration());

    private TestCluster(string ns) => Namespace = ns;

    public string Namespace { get; }

    public IKubernetesClient Client => client;

    public static async Task<TestCluster> CreateAsync() => new((await TestNamespace.CreateAsync(TrainingPlane.Plane)).Name);

    public static KubernetesApiClient ClientOf(KubernetesClientConfiguration configuration)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new(configuration, new(), TimeProvider.System, new Jitter(5).Next, new(meters, "test"));
    }

    public NamespacedName Name(string name) => new(Namespace, name);

    /// <summary>A job of an own image, as a user applies it.</summary>
    public Task<TrainingJob> ApplyAsync(string name, int replicas, Func<TrainingJobSpec, TrainingJobSpec>? spec = null) =>
        ApplyAsync(name, Given.Job(replicas, spec).Spec);

    public Task<TrainingJob> ApplyAsync(string name, TrainingJobSpec spec) =>
        client.CreateAsync(new TrainingJob { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = spec }, default);

    public async Task<TrainingJob> JobAsync(string name) =>
        await client.GetAsync<TrainingJob>(Name(name), default) ?? throw new InvalidOperationException($"There is no job {name}.");

    public Task EditAsync(string name, object spec) => client.PatchMergeAsync<TrainingJob>(
        Name(name), new JsonObject { ["spec"] = spec as JsonNode ?? JsonSerializer.SerializeToNode(spec) }, default);

    /// <summary>Waits for a job to be as the test wants it; on failure says how it is.</summary>
    public async Task<TrainingJob> WaitAsync(string name, Func<TrainingJob, bool> condition, TimeSpan? deadline = null)
    {
        TrainingJob? job = null;
        try
        {
            await Eventually.Assert(async () => condition(job = await JobAsync(name)), deadline);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\nthe job: {KubernetesJson.Serialize(job!.Status)}\npods: {string.Join(", ", (await PodsAsync()).Select(p => p.Metadata.Name))}", e);
        }
        return job!;
    }

    public async Task<IReadOnlyList<V1Pod>> PodsAsync() =>
        [.. (await client.ListAsync<V1Pod>(Namespace, null, default)).Items.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)];

    public async Task<IReadOnlyList<string>> PodNamesAsync() => [.. (await PodsAsync()).Select(p => p.Metadata.Name)];

    public async Task WaitForPodsAsync(params string[] names) =>
        await Eventually.Assert(async () => (await PodsAsync()).Where(p => p.Metadata.DeletionTimestamp is null).Select(p => p.Metadata.Name).SequenceEqual(names),
            what: $"pods {string.Join(", ", names)}");

    /// <summary>Schedules every new pod of an attempt and lets its containers run.</summary>
    public async Task RunAllAsync(int attempt)
    {
        foreach (var pod in await PodsAsync())
        {
            if (pod.Metadata.Labels[Labels.Attempt] != attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)) continue;
            if (pod.Spec.NodeName is null) await BindAsync(pod.Metadata.Name);
            await SetStatusAsync(pod.Metadata.Name, "Running", new V1ContainerState { Running = new() });
        }
    }

    public Task BindAsync(string pod, string node = TrainingPlane.Node) => Kubernetes(k => k.CoreV1.CreateNamespacedPodBindingAsync(
        new() { Metadata = new() { Name = pod }, Target = new() { Kind = "Node", Name = node } }, pod, Namespace));

    /// <summary>As the kubelet of a node: binds the pod to it and runs its container.</summary>
    public async Task RunAsync(string pod, string node)
    {
        await BindAsync(pod, node);
        await SetStatusAsync(pod, "Running", new V1ContainerState { Running = new() });
    }

    /// <summary>Says how the worker's container ended.</summary>
    public Task EndAsync(string pod, int exitCode, string? message = null, string? reason = null) =>
        SetStatusAsync(pod, exitCode == 0 ? "Succeeded" : "Failed", new()
        {
            Terminated = new()
            {
                ExitCode = exitCode,
                Reason = reason ?? (exitCode == 0 ? "Completed" : "Error"),
                Message = message,
                FinishedAt = TimeProvider.System.GetUtcNow().UtcDateTime,
            },
        });

    public Task SetStatusAsync(string pod, string phase, V1ContainerState? state = null, V1PodCondition? condition = null)
    {
        var status = new V1PodStatus
        {
            Phase = phase,
            ContainerStatuses = state is null ? null
                : [new() { Name = "trainer", Image = "registry/own:1", ImageID = "", Ready = state.Running is not null, State = state }],
            Conditions = condition is null ? null : [condition],
        };
        return client.PatchMergeAsync<V1Pod>(Name(pod), new { status }, default, "status");
    }

    /// <summary>As a kubelet does when the containers of a pod that is being deleted have ended.</summary>
    public async Task FinishDeletionsAsync()
    {
        foreach (var pod in await PodsAsync())
            if (pod.Metadata.DeletionTimestamp is not null)
                await client.DeleteAsync<V1Pod>(Name(pod.Metadata.Name), new(GracePeriodSeconds: 0), default);
    }

    /// <summary>A kubelet's warning about a pod.</summary>
    public async Task WarnAsync(string pod, string reason, string message)
    {
        var about = (await PodsAsync()).Single(p => p.Metadata.Name == pod);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await Kubernetes(k => k.CoreV1.CreateNamespacedEventAsync(
            new()
            {
                Metadata = new() { GenerateName = pod + "." },
                InvolvedObject = new() { Kind = "Pod", NamespaceProperty = Namespace, Name = pod, Uid = about.Metadata.Uid },
                Reason = reason,
                Message = message,
                Type = "Warning",
                FirstTimestamp = now,
                LastTimestamp = now,
                Source = new() { Component = "kubelet" },
            },
            Namespace));
    }

    public void Dispose() => client.Dispose();

    private static async Task Kubernetes<T>(Func<Kubernetes, Task<T>> call)
    {
        using var kubernetes = new Kubernetes(TrainingPlane.Plane.Configuration());
        await call(kubernetes);
    }
}
