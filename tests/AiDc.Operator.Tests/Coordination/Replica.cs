using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Board;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Operator.Coordination.Trust;
using AiDc.Operator.Hosting;
using AiDc.Operator.Serving.Demand;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>One replica's coordinator on loopback, over the real ports and real TLS; its leadership is the test's to decide.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication app;

    private Replica(WebApplication app, FixedLeadership leadership, int port, CoordinatorEndpoint endpoint) =>
        (this.app, Leadership, Port, Endpoint) = (app, leadership, port, endpoint);

    public FixedLeadership Leadership { get; }

    public int Port { get; }

    public CoordinatorEndpoint Endpoint { get; }

    public Uri Address => new($"https://127.0.0.1:{Port}");

    public ProgressBoard Board => app.Services.GetRequiredService<ProgressBoard>();

    public GangBoard Gangs => app.Services.GetRequiredService<GangBoard>();

    public LoadBoard Load => app.Services.GetRequiredService<LoadBoard>();

    public SessionRegistry Sessions => app.Services.GetRequiredService<SessionRegistry>();

    public CoordinatorTrust Trust => app.Services.GetRequiredService<CoordinatorTrust>();

    public static async Task<Replica> StartAsync(IKubernetesClient api, bool leads, int transitions = 1, string ns = "aidc-system")
    {
        var port = FreePort();
        var leadership = new FixedLeadership(LeaderIdentity.Create("aidc-operator-x", "127.0.0.1", port, "abc").ToString());
        if (leads)
            leadership.Become(new(true, leadership.Identity, transitions));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<OperatorOptions>(o =>
        {
            (o.Namespace, o.PodName, o.PodIP) = (ns, "aidc-operator-x", "127.0.0.1");
            (o.CoordinatorPort, o.MetricsPort) = (port, 0);
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(api);
        builder.Services.AddSingleton<ILeadership>(leadership);
        builder.Services.AddSingleton<IStore<TrainingJob>>(new JobsInMemory());
        builder.Services.AddMetrics();
        builder.Services.AddCoordination();
        builder.Services.AddSingleton<LoadBoard>();
        builder.Services.AddSingleton<GatewayStreams>();
        builder.Services.AddGrpc().AddServiceOptions<DemandService>(grpc => grpc.MaxReceiveMessageSize = DemandService.LargestReport);
        builder.Services.AddSingleton<GatewayAuthenticator>();
        builder.WebHost.ConfigureKestrel(Listeners.Configure);
        var app = builder.Build();
        app.MapCoordination();
        app.MapGrpcService<DemandService>();
        await app.StartAsync();
        var endpoint = await app.Services.GetRequiredService<ICoordinatorEndpoint>().GetAsync(CancellationToken.None) ?? throw new InvalidOperationException("the authority cannot be read");
        return new(app, leadership, port, endpoint);
    }

    /// <summary>An HTTP client such as a user's own image has, with the CA file of its pod.</summary>
    public HttpClient Http(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(() => Trust.Authorities) }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
