using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>How a client of the coordinator checks it: by our authorities only, and by its name whatever address was dialled.</summary>
internal static class CoordinatorTls
{
    /// <param name="authorities">Asked at each handshake, as they change over time.</param>
    public static SslClientAuthenticationOptions Client(Func<X509Certificate2Collection> authorities) => new()
    {
        TargetHost = ServerNames.Coordinator,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsOurs(certificate, errors, authorities()),
    };

    private static bool IsOurs(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0 || authorities.Count == 0)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        return chain.Build(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }
}
