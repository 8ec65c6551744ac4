using System.Net;
using System.Net.Sockets;

namespace AiDc.Gateway.Replicas;

/// <summary>The connections to one replica. Its own, so that they end with it, and another pod that gets its address never sees them.</summary>
internal sealed class ReplicaTransport : IDisposable
{
    /// <summary>A replica in the same cluster that has not answered a SYN by then does not live.</summary>
    public static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(1);

    /// <summary>Below the 5 s after which common servers (uvicorn, Node.js) close a connection that idles, which a request could run into.</summary>
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(4);

    private readonly Lazy<HttpMessageInvoker> http;
    private readonly Lazy<HttpMessageInvoker> grpc;

    public ReplicaTransport(ReplicaAddress address, TimeProvider clock)
    {
        HttpPrefix = $"http://{address.Host}:{address.HttpPort}";
        GrpcPrefix = $"http://{address.Host}:{address.GrpcPort}";
        http = new(() => new(new ReplicaContentHandler(Handler(clock, static connection => new AnswerFirstStream(connection)))));
        grpc = new(() => new(Handler(clock, static connection => connection)));
    }

    public string HttpPrefix { get; }

    public string GrpcPrefix { get; }

    public HttpMessageInvoker Http => http.Value;

    public HttpMessageInvoker Grpc => grpc.Value;

    public void Dispose()
    {
        if (http.IsValueCreated) http.Value.Dispose();
        if (grpc.IsValueCreated) grpc.Value.Dispose();
    }

    /// <summary>Connects, or says within <see cref="ConnectWithin"/> that it cannot.</summary>
    /// <exception cref="SocketException">The replica refuses, or does not answer.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, TimeProvider clock, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = new CancellationTokenSource(ConnectWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await socket.ConnectAsync(to, either.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SocketsHttpHandler Handler(TimeProvider clock, Func<Stream, Stream> wrap) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // Trace headers are the exchange's business.
        ConnectCallback = async (context, ct) => wrap(await ConnectAsync(context.DnsEndPoint, clock, ct)),
        PooledConnectionIdleTimeout = IdleFor,
        EnableMultipleHttp2Connections = true,
        // A stream of gRPC to a node that went dark must not hang for ever.
        KeepAlivePingDelay = TimeSpan.FromSeconds(5),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        // The body of a request beyond the buffer is held back until the replica wants it: a refusal then costs nothing. One that does
        // not know of this gets it soon anyway.
        Expect100ContinueTimeout = TimeSpan.FromMilliseconds(300),
    };
}
