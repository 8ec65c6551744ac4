using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AiDc.Gateway.Tests.Wire;
using AiDc.Serving.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiDc.Gateway.Tests.Demand;

/// <summary>A replica of the operator, as far as gateways see it: over TLS, with a certificate of its authority for its name.</summary>
internal sealed class TestOperator : AiDc.Serving.V1.Demand.DemandBase, IAsyncDisposable
{
    private CancellationTokenSource sessions = new();
    private WebApplication? app;

    public int Port { get; } = TestReplica.FreePort();

    public string Address => $"https://127.0.0.1:{Port}";

    /// <summary>Answers a hello.</summary>
    public Func<OperatorMessage> Answer { get; set; } = () => new() { LeaseTransitions = 1, Welcome = new Welcome { ReportIntervalMs = 500 } };

    public ConcurrentQueue<Hello> Hellos { get; } = [];

    public ConcurrentQueue<Load> Loads { get; } = [];

    public ConcurrentQueue<Seen> Seen { get; } = [];

    /// <summary>An address that it asks about once the gateway is welcome.</summary>
    public string? AsksAbout { get; set; }

    public ConcurrentQueue<string> Tokens { get; } = [];

    public static async Task<TestOperator> StartAsync(X509Certificate2 certificate)
    {
        var replica = new TestOperator();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(replica);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, replica.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(certificate);
        }));
        replica.app = builder.Build();
        replica.app.MapGrpcService<TestOperator>();
        await replica.app.StartAsync();
        return replica;
    }

    /// <summary>Ends the streams that are open.</summary>
    public void EndSessions() => Interlocked.Exchange(ref sessions, new()).Cancel();

    public override async Task Session(IAsyncStreamReader<GatewayMessage> requestStream, IServerStreamWriter<OperatorMessage> responseStream, ServerCallContext context)
    {
        Tokens.Enqueue(context.RequestHeaders.GetValue("authorization") ?? "");
        if (!await requestStream.MoveNext(context.CancellationToken)) return;
        Hellos.Enqueue(requestStream.Current.Hello);
        var answer = Answer();
        await responseStream.WriteAsync(answer, context.CancellationToken);
        if (answer.BodyCase != OperatorMessage.BodyOneofCase.Welcome) return;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, sessions.Token);
        if (AsksAbout is { } address) await responseStream.WriteAsync(new() { LeaseTransitions = 1, Look = new Look { Address = address } }, context.CancellationToken);
        while (await requestStream.MoveNext(ended.Token))
        {
            if (requestStream.Current.Load is { } load) Loads.Enqueue(load);
            else Seen.Enqueue(requestStream.Current.Seen);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (app is null) return;
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    /// <summary>An authority, and a certificate of it for this name.</summary>
    public static (string Ca, X509Certificate2 Certificate) Certify(string name)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        var ca = new CertificateRequest("CN=test authority", caKey, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = ca.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return (authority.ExportCertificatePem(), X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable));
    }
}
