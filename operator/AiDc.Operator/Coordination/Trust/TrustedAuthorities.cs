using System.Text;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>
/// The authorities that workers trust. <paramref name="Current"/> signs; <paramref name="Next"/> is in every new pod's bundle long before it
/// signs, and <paramref name="PreviousPem"/> long after it did, so that no running pod ever meets a certificate it cannot check.
/// </summary>
internal sealed record TrustedAuthorities(CertificateAuthority Current, CertificateAuthority? Next, string? PreviousPem)
{
    private const string Bundle = "ca.crt";

    /// <summary>What pods check the coordinator against, PEM.</summary>
    public string BundlePem => string.Join('\n', new[] { Current.CertificatePem, Next?.CertificatePem, PreviousPem }.OfType<string>().Select(p => p.Trim())) + "\n";

    /// <summary>Tries each out, because what is wrong with a key shows when it signs.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">And others: something is no certificate, or not with its key.</exception>
    public void Verify()
    {
        Current.Verify();
        Next?.Verify();
        if (PreviousPem is not null)
            System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(PreviousPem).Dispose();
    }

    /// <summary>As the data of a Secret; a null value takes a key away.</summary>
    public Dictionary<string, byte[]?> ToSecret() => new(StringComparer.Ordinal)
    {
        [Bundle] = Bytes(BundlePem),
        ["tls.crt"] = Bytes(Current.CertificatePem),
        ["tls.key"] = Bytes(Current.KeyPem),
        ["next.crt"] = Bytes(Next?.CertificatePem),
        ["next.key"] = Bytes(Next?.KeyPem),
        ["previous.crt"] = Bytes(PreviousPem),
    };

    /// <summary>Reads a Secret's data; null if it does not hold a certificate with its key.</summary>
    public static TrustedAuthorities? FromSecret(IDictionary<string, byte[]>? data)
    {
        var current = Authority(data, "tls");
        return current is null ? null : new(current, Authority(data, "next"), Text(data, "previous.crt"));
    }

    private static CertificateAuthority? Authority(IDictionary<string, byte[]>? data, string name) =>
        Text(data, $"{name}.crt") is { } certificate && Text(data, $"{name}.key") is { } key ? new(certificate, key) : null;

    private static string? Text(IDictionary<string, byte[]>? data, string key) =>
        data is not null && data.TryGetValue(key, out var bytes) && bytes is { Length: > 0 } ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
