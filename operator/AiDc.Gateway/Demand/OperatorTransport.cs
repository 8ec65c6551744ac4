using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Demand;

/// <summary>HTTP/2 over TLS to the operator: checked by its authority and by its name, whichever address was dialled.</summary>
internal static class OperatorTransport
{
    private const string ServerName = "aidc-coordinator";

    /// <summary>The address that is asked for: with the operator's name in it, which is what its certificate is checked for.</summary>
    public static Uri Named(Uri address) => new UriBuilder(address) { Host = ServerName }.Uri;

    /// <param name="address">The address that is dialled.</param>
    public static SocketsHttpHandler Handler(Uri address, string caFile, TimeProvider clock)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(caFile);
        var endpoint = new DnsEndPoint(address.Host.Trim('[', ']'), address.Port);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, ct) => ReplicaTransport.ConnectAsync(endpoint, clock, ct),
            // A replica whose node went dark is noticed within three seconds.
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy(authorities) },
        };
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        return policy;
    }
}
