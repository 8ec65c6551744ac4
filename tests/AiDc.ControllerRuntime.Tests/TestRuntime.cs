using System.Diagnostics.Metrics;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.Testing;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>A client, by way of a fault proxy, in a namespace of its own.</summary>
internal sealed class TestRuntime : IAsyncDisposable
{
    public static readonly InformerTiming Short = new()
    {
        ShortestWatch = TimeSpan.FromSeconds(60), LongestWatch = TimeSpan.FromSeconds(60), PageSize = 3,
    };

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private TestRuntime(ControlPlane plane, FaultProxy proxy, string ns)
    {
        (Plane, Proxy, Namespace) = (plane, proxy, ns);
        Metrics = new(services.GetRequiredService<IMeterFactory>(), "test");
        Client = CreateClient(plane.Configuration(proxy.Address), new() { RequestTimeout = TimeSpan.FromSeconds(10) });
        Direct = CreateClient(plane.Configuration(), new());
    }

    public ControlPlane Plane { get; }

    public FaultProxy Proxy { get; }

    public string Namespace { get; }

    public RuntimeMetrics Metrics { get; }

    /// <summary>Through the proxy.</summary>
    public KubernetesApiClient Client { get; }

    /// <summary>Past the proxy: how the world is changed while the proxy is in the way.</summary>
    public KubernetesApiClient Direct { get; }

    public static async Task<TestRuntime> StartAsync()
    {
        var plane = await Tests.Plane.GetAsync();
        return new(plane, await FaultProxy.StartAsync(plane), (await TestNamespace.CreateAsync(plane)).Name);
    }

    public KubernetesApiClient CreateClient(KubernetesClientConfiguration configuration, KubernetesApiClientOptions options) =>
        new(configuration, options, TimeProvider.System, new Jitter(7).Next, Metrics);

    public NamespacedName Name(string name) => new(Namespace, name);

    public V1ConfigMap Map(string name, string value = "1") => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = Namespace }, Data = new Dictionary<string, string> { ["value"] = value },
    };

    public async Task CreateMapsAsync(int from, int count)
    {
        for (var i = from; i < from + count; i++) await Direct.CreateAsync(Map($"map-{i}"), default);
    }

    /// <summary>An informer of this namespace, running.</summary>
    public ResourceInformer<T> Inform<T>(InformerOptions<T>? options = null, InformerTiming? timing = null, Action<StoreEvent<T>>? handler = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var informer = new ResourceInformer<T>(
            (options ?? new()) with { Namespace = Namespace }, timing ?? Short, Client, Metrics, TimeProvider.System, new(11),
            NullLogger<ResourceInformer<T>>.Instance);
        if (handler is not null) informer.Subscribe(handler);
        running.Add(informer.RunAsync(stop.Token));
        return informer;
    }

    /// <summary>Runs next to the test and is cancelled at its end.</summary>
    public void Run(Func<CancellationToken, Task> work) => running.Add(work(stop.Token));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Proxy.DisposeAsync();
        await Task.WhenAll(running);
        Client.Dispose();
        Direct.Dispose();
        Metrics.Dispose();
        await services.DisposeAsync();
        stop.Dispose();
    }
}
