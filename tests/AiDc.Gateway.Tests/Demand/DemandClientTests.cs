using System.Security.Cryptography.X509Certificates;
using AiDc.Gateway.Tests.Wire;
using AiDc.Serving.V1;

namespace AiDc.Gateway.Tests.Demand;

/// <summary>What the operator hears, over TLS, from a gateway that finds its leader.</summary>
public sealed class DemandClientTests
{
    private string folder = null!;
    private X509Certificate2 certificate = null!;

    [SetUp]
    public async Task WriteFilesAsync()
    {
        folder = Directory.CreateTempSubdirectory("aidc-gateway-demand-").FullName;
        (var ca, certificate) = TestOperator.Certify("aidc-coordinator");
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), ca);
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), "the-token\n");
    }

    [TearDown]
    public void RemoveFiles()
    {
        certificate.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task The_leader_is_found_by_way_of_another_and_hears_of_the_demand()
    {
        await using var standby = await TestOperator.StartAsync(certificate);
        await using var leader = await TestOperator.StartAsync(certificate);
        standby.Answer = () => new() { LeaseTransitions = 3, Redirect = new Redirect { Address = leader.Address } };
        leader.Answer = () => new() { LeaseTransitions = 3, Welcome = new Welcome { ReportIntervalMs = 100 } };
        await using var gateway = await GatewayAsync(standby.Address);
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        for (var i = 0; i < 5; i++) await gateway.EchoAsync();

        await Testing.Eventually.Assert(() => leader.Loads.Any(l => l.Services is [{ ArrivalsTotal: 5, Revisions: [{ CompletedTotal: 5, InFlight: 0 }] }]));

        Assert.That(leader.Hellos.First(), Is.EqualTo(new Hello { ProtocolVersion = 1, Instance = "aidc-gateway-0/uid" }));
        Assert.That(leader.Tokens.First(), Is.EqualTo("Bearer the-token"));
        var load = leader.Loads.Last().Services.Single();
        Assert.That(load.Service, Is.EqualTo("ns/model"));
        Assert.That(load.Revisions.Single().LatencyBuckets, Has.Count.EqualTo(16));
    }

    [Test]
    public async Task A_request_at_zero_is_told_at_once_and_not_with_the_next_report()
    {
        await using var leader = await TestOperator.StartAsync(certificate);
        // Reports are seconds apart, so that what comes first was not one of them.
        leader.Answer = () => new() { LeaseTransitions = 1, Welcome = new Welcome { ReportIntervalMs = 1_000_000 } };
        await using var gateway = await GatewayAsync(leader.Address);
        gateway.Table.Configure(TestGateway.Config());
        await Testing.Eventually.Assert(() => leader.Loads.Count == 1);

        var waiting = gateway.EchoAsync();

        await Testing.Eventually.Assert(() => leader.Loads.Count == 2);
        Assert.That(leader.Loads.Last().Services.Single().Held, Is.EqualTo(1));
        await using var replica = await TestReplica.StartAsync("one");
        gateway.Table.Put("model", replica.Address);
        await waiting;
    }

    [Test]
    public async Task What_is_held_is_told_to_a_new_leader_when_the_old_one_is_gone()
    {
        await using var next = await TestOperator.StartAsync(certificate);
        next.Answer = () => new() { LeaseTransitions = 2, Welcome = new Welcome { ReportIntervalMs = 500 } };
        var old = await TestOperator.StartAsync(certificate);
        next.Answer = () => new() { LeaseTransitions = 1, Redirect = new Redirect { Address = old.Address } };
        await using var gateway = await GatewayAsync(next.Address);
        gateway.Table.Configure(TestGateway.Config());
        var waiting = gateway.EchoAsync();
        await Testing.Eventually.Assert(() => old.Loads.Any(l => l.Services is [{ Held: 1 }]));

        await old.DisposeAsync();
        next.Answer = () => new() { LeaseTransitions = 2, Welcome = new Welcome { ReportIntervalMs = 500 } };

        await Testing.Eventually.Assert(() => next.Loads.Any(l => l.Services is [{ Held: 1 }]));
        await using var replica = await TestReplica.StartAsync("one");
        gateway.Table.Put("model", replica.Address);
        await waiting;
    }

    [Test]
    public async Task It_tells_whether_there_is_a_machine_at_an_address_that_the_operator_cannot_reach()
    {
        var refusing = $"127.0.0.1:{TestReplica.FreePort()}";
        await using var leader = await TestOperator.StartAsync(certificate);
        leader.AsksAbout = refusing;
        await using var gateway = await GatewayAsync(leader.Address);

        await Testing.Eventually.Assert(() => leader.Seen.Contains(new Seen { Address = refusing, Answers = true }), what: "a refusal is an answer");
    }

    [Test]
    public async Task To_an_operator_that_takes_changes_it_tells_changes()
    {
        await using var leader = await TestOperator.StartAsync(certificate);
        leader.Answer = () => new() { LeaseTransitions = 1, Welcome = new Welcome { ReportIntervalMs = 100, Changes = true } };
        await using var gateway = await GatewayAsync(leader.Address);
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
        await gateway.EchoAsync();

        await Testing.Eventually.Assert(() => leader.Loads.Any(l => l.Services is [{ Revisions: [{ CompletedTotal: 1 }] }]));
        var heard = leader.Loads.Count;
        await Testing.Eventually.Assert(() => leader.Loads.Count > heard + 2);

        Assert.That(leader.Loads.First().Changes, Is.False);
        Assert.That(leader.Loads.Last(), Is.EqualTo(new Load { Changes = true }));
    }

    [Test]
    public async Task One_that_was_deposed_and_does_not_know_it_is_not_listened_to()
    {
        await using var replica = await TestOperator.StartAsync(certificate);
        replica.Answer = () => new() { LeaseTransitions = 7, Welcome = new Welcome { ReportIntervalMs = 500 } };
        await using var gateway = await GatewayAsync(replica.Address);
        await Testing.Eventually.Assert(() => !replica.Loads.IsEmpty);
        var heard = replica.Loads.Count;

        await using var deposed = await TestOperator.StartAsync(certificate);
        deposed.Answer = () => new() { LeaseTransitions = 6, Welcome = new Welcome { ReportIntervalMs = 500 } };
        replica.Answer = () => new() { LeaseTransitions = 7, Redirect = new Redirect { Address = deposed.Address } };
        replica.EndSessions();

        await Testing.Eventually.Assert(() => deposed.Hellos.Count >= 3);
        Assert.That(deposed.Loads, Is.Empty);
        Assert.That(heard, Is.GreaterThan(0));
    }

    [Test]
    public async Task An_operator_of_another_authority_is_told_nothing()
    {
        var (_, other) = TestOperator.Certify("aidc-coordinator");
        await using var stranger = await TestOperator.StartAsync(other);
        await using var gateway = await GatewayAsync(stranger.Address);
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);

        await gateway.EchoAsync();
        await Task.Delay(500);

        Assert.That(stranger.Tokens, Is.Empty);
        other.Dispose();
    }

    private Task<TestGateway> GatewayAsync(string address) => TestGateway.StartAsync(
        ("Gateway:OperatorAddress", address), ("Gateway:OperatorCaFile", Path.Combine(folder, "ca.crt")), ("Gateway:OperatorTokenFile", Path.Combine(folder, "token")));
}
