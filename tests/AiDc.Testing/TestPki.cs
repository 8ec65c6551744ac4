using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AiDc.Testing;

/// <summary>A certificate authority, a server certificate for 127.0.0.1 and a key for service account tokens, as files.</summary>
internal sealed class TestPki
{
    private TestPki(string folder) => Folder = folder;

    public string Folder { get; }

    public string CaFile => Path.Combine(Folder, "ca.crt");

    public string CertFile => Path.Combine(Folder, "server.crt");

    public string KeyFile => Path.Combine(Folder, "server.key");

    public string ServiceAccountKeyFile => Path.Combine(Folder, "sa.key");

    public static TestPki Create(string folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        var pki = new TestPki(folder);
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=test-ca", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        using var ca = caRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(ca, now.AddHours(-1), now.AddDays(6), [1, 2, 3, 4]);
        using var serviceAccounts = RSA.Create(2048);
        File.WriteAllText(pki.CaFile, ca.ExportCertificatePem());
        File.WriteAllText(pki.CertFile, certificate.ExportCertificatePem());
        File.WriteAllText(pki.KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(pki.ServiceAccountKeyFile, serviceAccounts.ExportRSAPrivateKeyPem());
        return pki;
    }
}
