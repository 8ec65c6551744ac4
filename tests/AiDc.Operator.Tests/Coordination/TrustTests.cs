using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination.Trust;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Coordination;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TrustTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InMemoryApi api = new();
    private readonly FakeTimeProvider clock = new(Start);

    [Test]
    public async Task Two_replicas_that_start_together_end_with_the_same_authority()
    {
        var other = Store();
        TrustedAuthorities? faster = null;
        api.BeforeCreate = _ =>
        {
            api.BeforeCreate = null;
            faster = other.LoadAsync(default).GetAwaiter().GetResult();
        };

        var slower = await Store().LoadAsync(default);

        Assert.That(slower, Is.EqualTo(faster));
    }

    [Test]
    public async Task An_authority_once_made_is_read_by_all_who_come_later()
    {
        var made = await Store().LoadAsync(default);

        Assert.That(await Store().LoadAsync(default), Is.EqualTo(made));
    }

    [Test]
    public async Task Over_twelve_years_every_pod_younger_than_a_year_can_check_the_certificate_shown()
    {
        var bundles = new Queue<string>();
        for (var month = 0; month < 144; month++)
        {
            var authorities = await Store().LoadAsync(default);
            using var shown = authorities.Current.Issue(ServerNames.For("aidc-operator", "aidc-system", []), clock.GetUtcNow(), TimeSpan.FromDays(30));
            bundles.Enqueue(authorities.BundlePem);
            if (bundles.Count > 12)
                bundles.Dequeue();
            Assert.That(bundles, Has.All.Matches((string? bundle) => Trusts(bundle!, shown, clock.GetUtcNow())), $"month {month}");
            clock.Advance(TimeSpan.FromDays(30));
        }
        Assert.That((await Store().LoadAsync(default)).Current.NotAfter, Is.GreaterThan(Start + RotationPolicy.Lifetime + TimeSpan.FromDays(365)));
    }

    [Test]
    public async Task Of_two_replicas_that_rotate_together_one_wins()
    {
        await Store().LoadAsync(default);
        clock.Advance(RotationPolicy.Lifetime - RotationPolicy.Announce + TimeSpan.FromDays(1));

        var both = await Task.WhenAll(Store().LoadAsync(default), Store().LoadAsync(default));

        Assert.That(both[0].Next, Is.Not.Null);
        Assert.That(both[1], Is.EqualTo(both[0]));
    }

    [Test]
    public async Task An_authority_that_ran_out_while_nobody_looked_is_replaced()
    {
        var first = await Store().LoadAsync(default);
        clock.Advance(RotationPolicy.Lifetime + TimeSpan.FromDays(100));

        var next = await Store().LoadAsync(default);

        Assert.That(next.Current, Is.Not.EqualTo(first.Current));
        Assert.That(next.Current.NotAfter, Is.GreaterThan(clock.GetUtcNow()));
    }

    [Test]
    public async Task A_secret_that_holds_no_authority_is_named_with_the_fix()
    {
        api.Put(new V1Secret
        {
            Metadata = new V1ObjectMeta { Name = AuthorityStore.SecretName, NamespaceProperty = "aidc-system" },
            Data = new Dictionary<string, byte[]> { ["tls.crt"] = [1, 2], ["tls.key"] = [3] },
        });

        await Assert.ThatAsync(() => Store().LoadAsync(default), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("Secret aidc-system/aidc-coordinator-ca").And.Message.Contains("Delete the Secret"));
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        var (one, other) = (CertificateAuthority.Create(Start, TimeSpan.FromDays(900)), CertificateAuthority.Create(Start, TimeSpan.FromDays(900)));
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var foreign = request.CreateSelfSigned(Start, Start.AddDays(900));
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = new CertificateRequest("CN=leaf", leafKey, HashAlgorithmName.SHA256).CreateSelfSigned(Start, Start.AddDays(900));
        yield return Case("the key of another", ("tls.crt", one.CertificatePem), ("tls.key", other.KeyPem));
        yield return Case("an RSA key with a certificate of a curve", ("tls.crt", one.CertificatePem), ("tls.key", rsa.ExportPkcs8PrivateKeyPem()));
        yield return Case("RSA throughout", ("tls.crt", foreign.ExportCertificatePem()), ("tls.key", rsa.ExportPkcs8PrivateKeyPem()));
        yield return Case("a server's certificate", ("tls.crt", leaf.ExportCertificatePem()), ("tls.key", leafKey.ExportPkcs8PrivateKeyPem()));
        yield return Case("a key that is none", ("tls.crt", one.CertificatePem), ("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"));
        yield return Case("no key", ("tls.crt", one.CertificatePem));
        yield return Case("a next one with a wrong key", ("tls.crt", one.CertificatePem), ("tls.key", one.KeyPem), ("next.crt", other.CertificatePem), ("next.key", one.KeyPem));
        yield return Case("a former one that is none", ("tls.crt", one.CertificatePem), ("tls.key", one.KeyPem), ("previous.crt", "nothing"));

        static TestCaseData Case(string name, params (string Key, string Pem)[] data) =>
            new TestCaseData(data.ToDictionary(d => d.Key, d => System.Text.Encoding.UTF8.GetBytes(d.Pem))).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public async Task Whatever_is_wrong_in_the_secret_is_told_and_ends_nothing(Dictionary<string, byte[]> data)
    {
        api.Put(new V1Secret { Metadata = new V1ObjectMeta { Name = AuthorityStore.SecretName, NamespaceProperty = "aidc-system" }, Data = data });
        await Assert.ThatAsync(() => Store().LoadAsync(default), Throws.TypeOf<InvalidDataException>().With.Message.Contains("Delete the Secret"));

        using var trust = new CoordinatorTrust(
            Store(), api, Options.Create(new OperatorOptions { Namespace = "aidc-system" }), clock, NullLogger<CoordinatorTrust>.Instance);
        await trust.StartAsync(default);
        Assert.That(await trust.GetAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(30)), Is.Null, "nobody waits for it");
        Assert.That(trust.IsReady, Is.False);
        Assert.That(trust.Problem, Does.StartWith("the coordinator's certificate authority cannot be used: Secret aidc-system/aidc-coordinator-ca"));
        Assert.That(trust.ExecuteTask!.IsCompleted, Is.False, "it tries again");

        api.Remove<V1Secret>(new("aidc-system", AuthorityStore.SecretName));
        await Until.True(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return trust.IsReady;
        }, "the Secret is made anew");
        Assert.That(await trust.GetAsync(default), Is.Not.Null);
        Assert.That(trust.Problem, Is.Null);
        await trust.StopAsync(default);
    }

    [Test]
    public async Task The_certificate_is_good_for_the_coordinators_name_the_service_and_their_addresses()
    {
        api.Put(new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "aidc-operator", NamespaceProperty = "aidc-system" },
            Spec = new V1ServiceSpec { ClusterIP = "10.96.7.7" },
        });
        await using var replica = await Replica.StartAsync(api, leads: true);
        using var certificate = new X509Certificate2((await replica.Trust.ServerOptionsAsync(CancellationToken.None)).ServerCertificateContext!.TargetCertificate);

        foreach (var name in new[] { "aidc-coordinator", "aidc-operator.aidc-system.svc", "localhost", "127.0.0.1", "10.96.7.7" })
            Assert.That(certificate.MatchesHostname(name), Is.True, name);
        Assert.That(certificate.MatchesHostname("example.org"), Is.False);
        Assert.That(replica.Endpoint.Address, Is.EqualTo($"https://10.96.7.7:{replica.Port}"));
    }

    [Test]
    public async Task A_worker_with_another_authority_does_not_talk_to_us()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        var foreign = CertificateAuthority.Create(DateTimeOffset.UtcNow, TimeSpan.FromDays(1));
        await using var worker = new TestWorker(leader.Address, foreign.CertificatePem, api.AddWorker("digits", 1, 0));
        worker.AtStep(1);

        await worker.Noted("is not reached");

        Assert.That(leader.Board.Get("uid-digits"), Is.Null);
        Assert.That(api.Reviews, Is.Zero, "its token was not shown either");
    }

    [Test]
    public async Task A_server_with_our_name_but_a_foreign_authority_is_refused_by_the_client_of_the_operator_too()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        var foreign = new X509Certificate2Collection();
        foreign.ImportFromPem(CertificateAuthority.Create(DateTimeOffset.UtcNow, TimeSpan.FromDays(1)).CertificatePem);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(() => foreign) });

        await Assert.ThatAsync(() => client.GetAsync(leader.Address), Throws.TypeOf<HttpRequestException>());
    }

    private AuthorityStore Store() => new(
        api, Options.Create(new OperatorOptions { Namespace = "aidc-system" }), clock, NullLogger<AuthorityStore>.Instance);

    private static bool Trusts(string bundle, X509Certificate2 shown, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(shown);
    }
}
