using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AiDc.Coordination;

/// <summary>HTTP/2 over TLS to the operator: checked by the bundle in the pod and by the operator's name, whichever address was dialled.</summary>
internal static class CoordinatorTransport
{
    private const string ServerName = "aidc-coordinator";

    public static SocketsHttpHandler Handler(string caFile, TimeProvider clock)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(caFile);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = new StaggeredConnect(clock).ConnectAsync,
            // The address may lead to a replica whose node went dark: then the next try, to another, must not be late.
            ConnectTimeout = TimeSpan.FromSeconds(1),
            // A replica whose node went dark is noticed within three seconds.
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = ServerName,
                CertificateChainPolicy = Policy(authorities),
            },
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
