using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination.Trust;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Hosting;

/// <summary>The two ports, and what a peer may cost.</summary>
internal static class Listeners
{
    public static void Configure(KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<OperatorOptions>>().Value;
        var trust = kestrel.ApplicationServices.GetRequiredService<CoordinatorTrust>();
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // A worker whose node is gone never says goodbye: a ping each second, two seconds for the answer.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(2);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 8;
        // A stream carries a few hundred bytes a second: small windows bound what thousands of peers can make us hold.
        kestrel.Limits.Http2.InitialConnectionWindowSize = 128 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 96 * 1024;
        kestrel.ListenAnyIP(options.MetricsPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.ListenAnyIP(options.CoordinatorPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(5),
                OnConnection = handshake => trust.ServerOptionsAsync(handshake.CancellationToken),
            });
        });
    }
}
