using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AiDc.Gateway.Replicas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>A server such as a replica is, on ports of loopback, that can be made to misbehave as replicas do.</summary>
internal sealed class TestReplica : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConnectionContext> connections = new();
    private CancellationTokenSource ended = new();
    private WebApplication? app;
    private int atOnce;

    private TestReplica(string name, string revision, int httpPort, int grpcPort) => (Name, Revision, HttpPort, GrpcPort) = (name, revision, httpPort, grpcPort);

    public enum Mode
    {
        Ready,

        /// <summary>Says that it is not ready, and refuses what comes with the marker.</summary>
        Draining,

        /// <summary>Accepts connections and answers nothing, as a stopped process does.</summary>
        Silent,

        /// <summary>Its queue is full.</summary>
        Full,

        /// <summary>Reads a request to its end and breaks the connection.</summary>
        Breaking,

        /// <summary>Is up and not ready yet.</summary>
        Loading,
    }

    public string Name { get; }

    public string Revision { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public volatile Mode Is = Mode.Ready;

    /// <summary>The ids of the requests that were worked on, once for each time.</summary>
    public ConcurrentQueue<string> Executed { get; } = [];

    public ConcurrentQueue<HttpRequest> Seen { get; } = [];

    public int MostAtOnce { get; private set; }

    /// <summary>What a request waits for before it is answered.</summary>
    public Func<Task> Work { get; set; } = () => Task.CompletedTask;

    public Func<HttpContext, Task>? Handler { get; set; }

    public ReplicaAddress Address => new(
        new("ns", Name), $"uid-{Name}", Revision, "127.0.0.1", HttpPort, GrpcPort, null, "/ready", Ready: true, Leaving: false);

    public static async Task<TestReplica> StartAsync(string name, string revision = "r1")
    {
        var replica = new TestReplica(name, revision, FreePort(), FreePort());
        await replica.ListenAsync();
        return replica;
    }

    /// <summary>Not there yet: its ports are known and nobody listens.</summary>
    public static TestReplica Absent(string name, string revision = "r1") => new(name, revision, FreePort(), FreePort());

    public async Task ListenAsync()
    {
        ended = new();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, HttpPort, listen => Track(listen, HttpProtocols.Http1));
            kestrel.Listen(IPAddress.Loopback, GrpcPort, listen => Track(listen, HttpProtocols.Http2));
        });
        app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<EchoService>();
        app.MapFallback("{**path}", AnswerAsync);
        await app.StartAsync();
    }

    /// <summary>As SIGKILL does: every connection is reset, nobody listens any more.</summary>
    public async Task KillAsync()
    {
        foreach (var connection in connections.Values) connection.Abort();
        await ended.CancelAsync();
        if (app is null) return;
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        app = null;
    }

    public async ValueTask DisposeAsync()
    {
        Is = Mode.Ready;
        await KillAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Track(ListenOptions listen, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        listen.Use(next => async connection =>
        {
            connections[connection.ConnectionId] = connection;
            await next(connection);
            connections.TryRemove(connection.ConnectionId, out _);
        });
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (Is == Mode.Silent)
        {
            await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ended.Token).Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Abort();
            return;
        }
        if (context.Request.Path == "/ready")
        {
            context.Response.StatusCode = Is is Mode.Draining or Mode.Loading ? 503 : 200;
            return;
        }
        if (Is is Mode.Draining or Mode.Full)
        {
            context.Response.StatusCode = Is == Mode.Draining ? 503 : 429;
            context.Response.Headers["aidc-not-processed"] = "true";
            context.Response.Headers.RetryAfter = "1";
            return;
        }
        await ExecuteAsync(context);
    }

    private async Task ExecuteAsync(HttpContext context)
    {
        if (Handler is { } handler)
        {
            await handler(context);
            return;
        }
        lock (connections) MostAtOnce = Math.Max(MostAtOnce, ++atOnce);
        try
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
            Executed.Enqueue(context.Request.Headers["x-id"].ToString());
            if (Is == Mode.Breaking)
            {
                context.Abort();
                return;
            }
            try
            {
                await Work().WaitAsync(ended.Token);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                context.Abort(); // A process that was killed answers nothing, also on a connection that it had just accepted.
                return;
            }
            context.Response.Headers["aidc-queue"] = "0";
            context.Response.Headers["x-replica"] = Name;
            await context.Response.WriteAsJsonAsync(new EchoAnswer(
                Name, context.Request.Method, context.Request.Path + context.Request.QueryString.ToString(), body,
                context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString())));
        }
        finally
        {
            lock (connections) atOnce--;
        }
    }
}

/// <summary>What a replica saw of a request.</summary>
internal sealed record EchoAnswer(string Replica, string Method, string Target, string Body, Dictionary<string, string> Headers);
