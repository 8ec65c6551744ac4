using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AiDc.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Hosting;

/// <summary>The certificate that callers see. Read again when its files change, as the kubelet changes them when the Secret does.</summary>
internal sealed partial class TlsCertificate(IOptions<GatewayOptions> options, TimeProvider clock, ILogger<TlsCertificate> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly string folder = options.Value.TlsFolder;
    private volatile Loaded? current;

    /// <summary>Null where the folder holds a certificate and its key; else what is wrong with it, without a word of the key.</summary>
    public static string? Problem(string folder)
    {
        try
        {
            Load(folder).Certificate.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "cannot be read";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return "holds no certificate with its key";
        }
    }

    public SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificateContext = (current ??= Load(folder)).Context,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (folder.Length == 0) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(LookEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A pair of files that does not fit, because one was read before and one after the change, is read again next time.</summary>
    internal void Look()
    {
        try
        {
            if (current is { } known && known.Sum == SumOf(folder)) return;
            var before = current;
            current = Load(folder);
            if (before is not null) Changed(current.Certificate.Subject, current.Certificate.NotAfter);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Unreadable(folder, e.Message);
        }
    }

    private static Loaded Load(string folder)
    {
        var sum = SumOf(folder);
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(Path.Combine(folder, "tls.crt"));
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return new(sum, certificate, SslStreamCertificateContext.Create(certificate, chain, offline: true));
    }

    private static string SumOf(string folder) => Convert.ToHexString(SHA256.HashData(
        [.. File.ReadAllBytes(Path.Combine(folder, "tls.crt")), .. SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "tls.key")))]));

    [LoggerMessage(3011, LogLevel.Information, "The certificate changed: {Subject}, valid until {NotAfter:u}")]
    private partial void Changed(string subject, DateTime notAfter);

    [LoggerMessage(3012, LogLevel.Warning, "The certificate in {Folder} cannot be read, the one before serves on: {Problem}")]
    private partial void Unreadable(string folder, string problem);

    private sealed record Loaded(string Sum, X509Certificate2 Certificate, SslStreamCertificateContext Context);
}
