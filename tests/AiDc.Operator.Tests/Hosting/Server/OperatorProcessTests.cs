using System.Net;
using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Trust;
using k8s.Models;

namespace AiDc.Operator.Tests.Hosting.Server;

[Category("Integration")]
public sealed class OperatorProcessTests
{
    [SetUp]
    public Task Clean() => OperatorPlane.CleanAsync();

    [Test]
    public async Task It_becomes_ready_leads_and_keeps_its_two_ports_apart()
    {
        await using var host = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await host.LeadsAsync();

        Assert.That(await host.GetAsync("/healthz"), Is.EqualTo((HttpStatusCode.OK, "ok\n")));
        Assert.That(await host.GetAsync("/readyz"), Is.EqualTo((HttpStatusCode.OK, "ok\n")));
        Assert.That((await host.GetAsync("/v1/progress")).Status, Is.EqualTo(HttpStatusCode.NotFound), "the coordinator answers over TLS only");
        using var secure = new HttpClient(new SocketsHttpHandler { SslOptions = CoordinatorTls.Client(OperatorPlane.Authorities) });
        using var metrics = await secure.GetAsync($"https://127.0.0.1:{host.CoordinatorPort}/metrics");
        Assert.That(metrics.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "workers do not read metrics");
    }

    [Test]
    public async Task All_metrics_are_ours_and_none_names_an_object()
    {
        await using var host = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await host.LeadsAsync();

        var samples = (await host.GetAsync("/metrics")).Body.Split('\n').Where(l => l.Length > 0 && l[0] != '#').ToList();

        Assert.That(samples, Has.All.StartsWith("aidc_").Or.StartsWith("prometheus_net_meteradapter_"));
        foreach (var name in new[]
        {
            "aidc_leader", "aidc_reconcile_total", "aidc_workqueue_depth", "aidc_api_requests_total", "aidc_api_request_seconds_bucket",
            "aidc_training_samples_per_second", "aidc_checkpoint_age_seconds", "aidc_coordinator_sessions",
        })
            Assert.That(samples, Has.Some.StartsWith(name), name);
        Assert.That(samples, Has.None.Contains("aidc-operator-a"));
    }

    [Test]
    public async Task A_standby_is_ready_too_and_leads_at_once_when_the_leader_is_told_to_stop()
    {
        await using var first = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await first.LeadsAsync();
        await using var second = await new OperatorProcess("aidc-operator-b").ReadyAsync();
        Assert.That((await second.GetAsync("/metrics")).Body, Does.Contain("\naidc_leader 0\n"));

        first.Signal("TERM");

        Assert.That(await first.ExitAsync(), Is.Zero, string.Join('\n', first.Log));
        await second.LeadsAsync();
        Assert.That(LeaderIdentity.TryParse((await LeaseAsync()).Spec.HolderIdentity, out var holder) ? holder : null, Has.Property("Pod").EqualTo("aidc-operator-b")
            .And.Property("Endpoint").EqualTo($"127.0.0.1:{second.CoordinatorPort}"));
    }

    [Test]
    public async Task When_the_leader_is_killed_the_standby_leads_after_the_lease()
    {
        await using var first = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await first.LeadsAsync();
        await using var second = await new OperatorProcess("aidc-operator-b").ReadyAsync();
        var transitions = (await LeaseAsync()).Spec.LeaseTransitions;

        first.Signal("KILL");

        await second.LeadsAsync();
        Assert.That((await LeaseAsync()).Spec.LeaseTransitions, Is.GreaterThan(transitions ?? 0));
    }

    [Test]
    public async Task A_leader_that_loses_its_lease_ends_with_an_error_for_kubernetes_to_start_it_anew()
    {
        await using var host = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await host.LeadsAsync();

        await OperatorPlane.Admin.PatchMergeAsync<V1Lease>(
            new(OperatorPlane.Namespace, "aidc-operator"), new { spec = new { holderIdentity = "somebody-else", leaseDurationSeconds = 3600 } }, default);

        Assert.That(await host.ExitAsync(), Is.EqualTo(1), string.Join('\n', host.Log));
    }

    [Test]
    public async Task A_bad_setting_ends_it_with_the_settings_name()
    {
        await using var host = new OperatorProcess("aidc-operator-a", ("Operator__Workers", "none"), ("Operator__GpuResourceName", "gpu"));

        Assert.That(await host.ExitAsync(), Is.Not.Zero);
        Assert.That(string.Join('\n', host.Log), Does.Contain("Workers"));
    }

    [Test]
    public async Task Its_state_changes_are_one_line_each_and_its_secrets_are_in_none()
    {
        await using var host = await new OperatorProcess("aidc-operator-a").ReadyAsync();
        await host.LeadsAsync();
        var authority = (await OperatorPlane.Admin.GetAsync<V1Secret>(new(OperatorPlane.Namespace, AuthorityStore.SecretName), default))!;

        var log = host.Log.Where(l => l.Length > 0).ToList();

        Assert.That(log, Has.Some.Contains("Made the coordinator's certificate authority"));
        Assert.That(log, Has.Count.LessThan(30));
        var key = System.Text.Encoding.UTF8.GetString(authority.Data["tls.key"]).Split('\n')[1];
        Assert.That(log, Has.None.Contains(key).And.None.Contains(OperatorPlane.OperatorToken));
    }

    private static async Task<V1Lease> LeaseAsync() =>
        await OperatorPlane.Admin.GetAsync<V1Lease>(new(OperatorPlane.Namespace, "aidc-operator"), default) ?? throw new InvalidOperationException("no lease");
}
