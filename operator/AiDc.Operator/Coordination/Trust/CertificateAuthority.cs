using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>A certificate authority of our own: its certificate and private key, both as PEM.</summary>
internal sealed record CertificateAuthority(string CertificatePem, string KeyPem)
{
    /// <summary>Clocks of nodes differ: a certificate made now is valid since a little while.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    public static CertificateAuthority Create(DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Two authorities side by side need different subjects, or a chain would be tried against the wrong one first.
        var request = new CertificateRequest($"CN=aidc-coordinator-ca {now:yyyy-MM-dd HH.mm.ss}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + lifetime);
        return new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Signs something, and checks that the certificate is that of the key.</summary>
    public void Verify()
    {
        using var certificate = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        using var signs = certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("the key is not one of an elliptic curve");
        using var checks = certificate.GetECDsaPublicKey();
        var text = RandomNumberGenerator.GetBytes(32);
        if (checks?.VerifyData(text, signs.SignData(text, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256) != true)
            throw new CryptographicException("the key is not the certificate's");
        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true })
            throw new CryptographicException("the certificate is not an authority's");
    }

    public DateTimeOffset NotAfter
    {
        get
        {
            using var certificate = X509Certificate2.CreateFromPem(CertificatePem);
            return new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        }
    }

    /// <summary>A server's certificate with its key, valid for <paramref name="lifetime"/> but not longer than this authority.</summary>
    public X509Certificate2 Issue(ServerNames names, DateTimeOffset now, TimeSpan lifetime)
    {
        using var issuer = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={ServerNames.Coordinator}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // serverAuth
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        request.CertificateExtensions.Add(names.AsExtension());
        var from = Later(now - ClockSkew, issuer.NotBefore);
        var to = Earlier(now + lifetime, issuer.NotAfter);
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTime b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTime b) => a < b ? a : b;
}
