using System.Net.Http.Json;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Hosting;
using AiDc.Gateway.Routing;
using AiDc.Gateway.Services;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>
/// The whole gateway on ports of loopback, as its own program puts it together. There is no API server behind it: what its informers would
/// say, the test says.
/// </summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public static readonly NamespacedName Model = new("ns", "model");

    private readonly WebApplication app;

    private TestGateway(WebApplication app)
    {
        this.app = app;
        var ports = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a.Replace("[::]", "127.0.0.1")).Port).ToArray();
        (Http, Grpc, Admin) = (new($"http://127.0.0.1:{ports[0]}"), new($"http://127.0.0.1:{ports[1]}"), new($"http://127.0.0.1:{ports[2]}"));
        Https = ports.Length > 3 ? new($"https://127.0.0.1:{ports[3]}") : null;
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = Http };
    }

    public Uri Http { get; }

    public Uri Grpc { get; }

    public Uri Admin { get; }

    public Uri? Https { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public ServiceTable Table => app.Services.GetRequiredService<ServiceTable>();

    public Service Service => Table.Find(Model)!;

    public static Task<TestGateway> StartAsync(params (string Setting, string Value)[] settings) =>
        StartAsync(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, settings);

    /// <param name="api">The API server, where there is one.</param>
    public static async Task<TestGateway> StartAsync(KubernetesClientConfiguration api, params (string Setting, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:HttpPort"] = "0", ["Gateway:GrpcPort"] = "0", ["Gateway:AdminPort"] = "0", ["Gateway:HttpsPort"] = "0", ["Gateway:DrainSeconds"] = "0",
            ["Gateway:LogLevel"] = "Warning", ["Gateway:PodName"] = "aidc-gateway-0", ["Gateway:PodUid"] = "uid",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Setting, s.Value)));
        builder.Services.AddSingleton(api);
        builder.AddGateway();
        builder.Services.PostConfigure<KubernetesOperatorOptions>(o => o.CacheSyncTimeout = TimeSpan.FromHours(1));
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        return new(app);
    }

    public static ServiceConfig Config(params (string Revision, int Weight)[] revisions) => new(
        Model, [.. revisions.Select(r => new RevisionWeight(r.Revision, r.Weight))], TimeSpan.FromSeconds(20), 64, Idempotent: true, null, null);

    /// <summary>The service is there, with these replicas, and all of them are in.</summary>
    public async Task ServeAsync(ServiceConfig config, params TestReplica[] replicas)
    {
        Table.Configure(config);
        foreach (var replica in replicas) Table.Put("model", replica.Address);
        await InAsync(replicas);
    }

    public Task ServeAsync(params TestReplica[] replicas) => ServeAsync(Config(("r1", 100)), replicas);

    public Task InAsync(params TestReplica[] replicas) => Testing.Eventually.Assert(
        () => replicas.All(r => Service.Dispatcher.Find(r.Address.Pod) is { IsUsable: true }), what: "the replicas are in");

    public async Task<HttpResponseMessage> SendAsync(string path = "/work", string? id = null, string body = "{}", HttpMethod? method = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, $"/v1/namespaces/ns/services/model{path}");
        if (request.Method == HttpMethod.Post) request.Content = new StringContent(body);
        if (id is not null) request.Headers.Add("x-id", id);
        change?.Invoke(request);
        return await Client.SendAsync(request);
    }

    public async Task<EchoAnswer> EchoAsync(string path = "/work", string body = "{}", HttpMethod? method = null, Action<HttpRequestMessage>? change = null)
    {
        using var response = await SendAsync(path, body: body, method: method, change: change);
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<EchoAnswer>())!;
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
