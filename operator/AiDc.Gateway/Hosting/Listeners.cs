using AiDc.Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Hosting;

/// <summary>The ports, and what a caller may cost.</summary>
internal static class Listeners
{
    private const int ReadBuffer = 64 * 1024;

    public static void Configure(KestrelServerOptions kestrel)
    {
        var services = kestrel.ApplicationServices;
        var options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        kestrel.AddServerHeader = false;
        // How long a body may be is the server's to say: it passes through here and is not kept.
        kestrel.Limits.MaxRequestBodySize = null;
        // What of a body has come in and nobody has read: behind it the client waits.
        kestrel.Limits.MaxRequestBufferSize = ReadBuffer;
        kestrel.Limits.Http2.InitialStreamWindowSize = ReadBuffer;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * ReadBuffer;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        kestrel.ListenAnyIP(options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.ListenAnyIP(options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.ListenAnyIP(options.AdminPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set<IAdminConnection>(AdminConnection.Instance);
                return next(connection);
            });
        });
        if (options.TlsFolder.Length == 0) return;
        var certificate = services.GetRequiredService<TlsCertificate>();
        kestrel.ListenAnyIP(options.HttpsPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(5),
                OnConnection = _ => ValueTask.FromResult(certificate.ServerOptions()),
            });
        });
    }
}

/// <summary>Marks connections to the port of the metrics and the probes, so that no caller's path can reach those.</summary>
internal interface IAdminConnection;

internal sealed class AdminConnection : IAdminConnection
{
    public static readonly AdminConnection Instance = new();
}
