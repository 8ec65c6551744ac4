using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AiDc.Gateway.Hosting;
using AiDc.Gateway.Tests.Demand;
using AiDc.Gateway.Tests.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Gateway.Tests.Hosting;

/// <summary>What is where: metrics and probes on a port of their own, callers on theirs, TLS with a certificate that changes.</summary>
public sealed class FacesTests
{
    [Test]
    public async Task Metrics_tell_what_passed()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        for (var i = 0; i < 3; i++) await gateway.EchoAsync();
        (await gateway.Client.GetAsync("/nothing")).Dispose();
        using var admin = new HttpClient();

        var metrics = await admin.GetStringAsync(new Uri(gateway.Admin, "/metrics"));

        Assert.That(metrics, Does.Contain("""aidc_gateway_requests_total{code="200",service="ns/model"} 3"""));
        Assert.That(metrics, Does.Contain("""aidc_gateway_request_seconds_count{service="ns/model"} 3"""));
        Assert.That(metrics, Does.Contain("""aidc_gateway_in_flight{service="ns/model"} 0"""));
        Assert.That(metrics, Does.Contain("aidc_gateway_demand_connected 0"));
        Assert.That(metrics, Does.Not.Contain("aidc_leader"), "it leads nothing");
        Assert.That(metrics, Does.Not.Contain("\"one\""), "no pod is a label");
    }

    [Test]
    public async Task Callers_reach_neither_metrics_nor_probes_and_probes_reach_no_service()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        using var admin = new HttpClient { BaseAddress = gateway.Admin };

        foreach (var path in new[] { "/metrics", "/healthz", "/readyz" })
            Assert.That((await gateway.Client.GetAsync(path)).StatusCode, Is.Not.EqualTo(HttpStatusCode.OK), path);
        Assert.That((await admin.GetAsync("/healthz")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await admin.GetAsync("/v1/namespaces/ns/services/model/x")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(replica.Executed, Is.Empty);
    }

    [Test]
    public async Task It_is_not_ready_before_it_knows_what_there_is()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var admin = new HttpClient { BaseAddress = gateway.Admin };

        using var ready = await admin.GetAsync("/readyz");
        using var unknown = await gateway.Client.GetAsync("/v1/namespaces/ns/services/other/x");

        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "not 404: it may be there");
    }

    [Test]
    public async Task A_certificate_that_changes_is_the_next_callers()
    {
        var folder = Directory.CreateTempSubdirectory("aidc-gateway-tls-").FullName;
        var (firstCa, first) = TestOperator.Certify("first.test");
        var (secondCa, second) = TestOperator.Certify("second.test");
        await WriteAsync(folder, first);
        await using var gateway = await TestGateway.StartAsync(("Gateway:TlsFolder", folder));
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        Assert.That(await NameAsync(gateway, firstCa, "first.test"), Is.EqualTo("CN=first.test"));

        await WriteAsync(folder, second);
        gateway.Services.GetRequiredService<TlsCertificate>().Look();
        Assert.That(await NameAsync(gateway, secondCa, "second.test"), Is.EqualTo("CN=second.test"));

        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), "half a file");
        gateway.Services.GetRequiredService<TlsCertificate>().Look();
        Assert.That(await NameAsync(gateway, secondCa, "second.test"), Is.EqualTo("CN=second.test"), "the one before serves on");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Whose certificate a caller sees that asks over TLS, HTTP/2 included.</summary>
    private static async Task<string?> NameAsync(TestGateway gateway, string ca, string name)
    {
        string? subject = null;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    subject = certificate?.Subject;
                    using var authority = X509Certificate2.CreateFromPem(ca);
                    return certificate is X509Certificate2 seen && seen.IssuerName.RawData.SequenceEqual(authority.SubjectName.RawData);
                },
            },
        }) { DefaultRequestVersion = HttpVersion.Version20 };
        using var response = await client.GetAsync(new Uri(gateway.Https!, "/v1/namespaces/ns/services/model/work"));
        Assert.That((response.StatusCode, response.Version), Is.EqualTo((HttpStatusCode.OK, HttpVersion.Version20)));
        return subject;
    }

    private static async Task WriteAsync(string folder, X509Certificate2 certificate)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}
