using System.Collections.Concurrent;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Hosting;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Testing;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>The whole operator: a controller that gives each config map marked so one pod.</summary>
[Category("Integration")]
public sealed class HostTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private TestRuntime runtime = null!;

    [SetUp]
    public async Task SetUpAsync() => runtime = await TestRuntime.StartAsync();

    [TearDown]
    public async Task TearDownAsync()
    {
        await runtime.DisposeAsync();
        Environment.ExitCode = 0;
    }

    [Test]
    public async Task A_controller_makes_what_its_objects_ask_for_and_makes_it_again_when_it_is_gone()
    {
        using var host = await StartAsync("a");
        await CreateRootAsync("one");
        await CreateRootAsync("two");
        await Eventually.Assert(async () => (await PodsAsync()).Count == 2);

        await runtime.Direct.DeleteAsync<V1Pod>(runtime.Name("one-pod"), new(GracePeriodSeconds: 0), default);
        await Eventually.Assert(async () => (await PodsAsync()).Count == 2);
        Assert.That(Script(host).MostAtOnceOfOneKey, Is.EqualTo(1));
        Assert.That(await HealthAsync(host), Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
    }

    [Test]
    public async Task Failures_are_tried_again_terminal_ones_are_not_until_the_object_changes()
    {
        using var host = await StartAsync("a", s =>
        {
            s.Next("one", new InvalidOperationException("once"), new ApiException(System.Net.HttpStatusCode.Conflict, null, "PATCH"));
            s.Next("two", new TerminalException("never"));
        });
        await CreateRootAsync("one");
        await CreateRootAsync("two");
        await Eventually.Assert(async () => (await PodsAsync()).Contains("one-pod"));
        await Eventually.Assert(() => Script(host).Runs("two") == 1);
        Assert.That(await PodsAsync(), Does.Not.Contain("two-pod"));

        await runtime.Direct.PatchMergeAsync<V1ConfigMap>(runtime.Name("two"), new { metadata = new { annotations = new { touched = "yes" } } }, default);
        await Eventually.Assert(async () => (await PodsAsync()).Contains("two-pod"));
        await host.StopAsync();
    }

    [Test]
    public async Task Of_two_replicas_one_works_and_when_it_stops_the_other_takes_over_at_once()
    {
        using var first = await StartAsync("first");
        await Eventually.Assert(() => Leadership(first).State.IsLeader);
        using var second = await StartAsync("second");
        await CreateRootAsync("one");
        await Eventually.Assert(async () => (await PodsAsync()).Contains("one-pod"));
        await Eventually.Assert(() => Leadership(second).State is { IsLeader: false, Holder: "first" });
        Assert.That(Script(second).Runs("one"), Is.Zero);

        await first.StopAsync();
        var lease = await runtime.Direct.GetAsync<V1Lease>(runtime.Name("tests"), default);
        Assert.That(lease!.Spec.HolderIdentity, Is.Not.EqualTo("first"), "given back");
        await Eventually.Assert(() => Leadership(second).State is { IsLeader: true, Transitions: 1 });
        Assert.That(Leadership(second).State.TakenAfterSilence, Is.EqualTo(TimeSpan.Zero));
        await CreateRootAsync("two");
        await Eventually.Assert(async () => (await PodsAsync()).Contains("two-pod"));
        Assert.That(Environment.ExitCode, Is.Zero);
        await second.StopAsync();
    }

    [Test]
    public async Task Of_two_electors_one_of_which_falls_silent_the_other_leads_after_the_lease_has_run_out()
    {
        await using var silent = await FaultProxy.StartAsync(runtime.Plane);
        var (first, second) = (Elector("first", silent), Elector("second", runtime.Proxy));
        var lost = new ConcurrentQueue<string>();
        runtime.Run(async ct => { if (await first.RunAsync(ct)) lost.Enqueue("first"); });
        await first.WaitForLeadershipAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
        runtime.Run(async ct => { if (await second.RunAsync(ct)) lost.Enqueue("second"); });
        await Eventually.Assert(() => second.State.Holder == "first");

        var bothLed = false;
        second.Changed += state => bothLed |= state.IsLeader && first.State.IsLeader;
        silent.Next(_ => true, new Fault.Hang(), times: 1000);
        await Eventually.Assert(() => second.State is { IsLeader: true, Transitions: 1 });
        Assert.That(lost, Is.EqualTo(["first"]), "it knew before the other began");
        Assert.That((bothLed, first.State.IsLeader), Is.EqualTo((false, false)));
        Assert.That(second.State.TakenAfterSilence, Is.GreaterThanOrEqualTo(Lease), "it waited for the lease to run out");
        Assert.That((await runtime.Direct.GetAsync<V1Lease>(runtime.Name("electors"), default))!.Spec.HolderIdentity, Is.EqualTo("second"));
    }

    [Test]
    public async Task A_leader_outlives_a_server_that_is_away_for_less_than_its_deadline()
    {
        var elector = Elector("only", runtime.Proxy);
        runtime.Run(async ct => await elector.RunAsync(ct));
        await elector.WaitForLeadershipAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
        var before = (await runtime.Direct.GetAsync<V1Lease>(runtime.Name("electors"), default))!;
        runtime.Proxy.Next(r => r.Path.Value!.Contains("leases", StringComparison.Ordinal), new Fault.Disconnect(), times: 3);
        await Eventually.Assert(async () =>
            (await runtime.Direct.GetAsync<V1Lease>(runtime.Name("electors"), default))!.Spec.RenewTime > before.Spec.RenewTime!.Value.AddSeconds(1.5));
        Assert.That(elector.State, Is.EqualTo(new LeadershipState(true, "only", 0)));
    }

    [Test]
    public async Task A_leader_whose_lease_is_deleted_leads_on_and_a_standby_lets_it()
    {
        var (leader, standby) = (Elector("leader", runtime.Proxy), Elector("standby", runtime.Proxy));
        var states = new System.Collections.Concurrent.ConcurrentQueue<LeadershipState>();
        leader.Changed += states.Enqueue;
        runtime.Run(async ct => await leader.RunAsync(ct));
        await leader.WaitForLeadershipAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
        runtime.Run(async ct => await standby.RunAsync(ct));
        await Eventually.Assert(() => standby.State.Holder == "leader");

        await runtime.Direct.DeleteAsync<V1Lease>(runtime.Name("electors"), null, default);

        await Eventually.Assert(() => leader.State is { IsLeader: true, Holder: "leader", Transitions: 1 });
        Assert.That((await runtime.Direct.GetAsync<V1Lease>(runtime.Name("electors"), default))!.Spec.HolderIdentity, Is.EqualTo("leader"));
        Assert.That(states, Has.All.Property("IsLeader").True, "it never ceased to lead");
        Assert.That(standby.State.IsLeader, Is.False);
    }

    [Test]
    public async Task A_lease_lost_while_a_reconcile_runs_cancels_it_and_ends_the_process_with_an_error()
    {
        using var host = await StartAsync("first", s => s.Block("one"));
        await CreateRootAsync("one");
        await Eventually.Assert(() => Script(host).Runs("one") == 1);
        // Somebody takes the lease by force, as after a pause of ours that outlasted it.
        await runtime.Direct.PatchMergeAsync<V1Lease>(runtime.Name("tests"), new { spec = new { holderIdentity = "usurper" } }, default);

        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Eventually.Assert(() => stopping.IsCancellationRequested);
        await host.StopAsync();
        Assert.That((Script(host).Cancelled, Environment.ExitCode), Is.EqualTo((1, 1)));
        Assert.That((await runtime.Direct.GetAsync<V1Lease>(runtime.Name("tests"), default))!.Spec.HolderIdentity, Is.EqualTo("usurper"), "left to its holder");
        Assert.That(await PodsAsync(), Is.Empty, "nothing was done after the loss");
    }

    [Test]
    public async Task Caches_that_do_not_become_complete_end_the_process_with_an_error()
    {
        runtime.Proxy.Next(FaultProxy.IsList, new Fault.Hang(), times: 100);
        using var host = await StartAsync("a", null, o => o.CacheSyncTimeout = TimeSpan.FromSeconds(0.5));
        Assert.That(await HealthAsync(host), Is.EqualTo(HealthStatus.Unhealthy));
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Eventually.Assert(() => stopping.IsCancellationRequested);
        Assert.That(Environment.ExitCode, Is.EqualTo(1));
        await host.StopAsync();
    }

    private async Task<IHost> StartAsync(string identity, Action<MarkedMapScript>? script = null, Action<KubernetesOperatorOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        var steps = new MarkedMapScript();
        script?.Invoke(steps);
        builder.Services.AddSingleton(steps);
        builder.Services.AddSingleton(runtime.Plane.Configuration(runtime.Proxy.Address));
        builder.Services.AddKubernetesOperator(o =>
        {
            (o.Name, o.Namespace, o.WatchNamespace, o.Identity) = ("tests", runtime.Namespace, runtime.Namespace, identity);
            (o.LeaseDuration, o.RenewDeadline, o.RetryPeriod) = (TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.2));
            configure?.Invoke(o);
        }).AddController<MarkedMapReconciler>(c => c
            .For<V1ConfigMap>(Predicates.GenerationOrMetadataChanged)
            .Owns<V1Pod>()
            .Workers(3));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private LeaderElector Elector(string identity, FaultProxy proxy) => new(
        runtime.CreateClient(runtime.Plane.Configuration(proxy.Address), new() { RequestTimeout = TimeSpan.FromSeconds(1), MaxAttempts = 1 }),
        new(runtime.Name("electors"), identity, Lease, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.2)),
        TimeProvider.System, new Jitter(3).Next, Microsoft.Extensions.Logging.Abstractions.NullLogger<LeaderElector>.Instance);

    private Task<V1ConfigMap> CreateRootAsync(string name)
    {
        var map = runtime.Map(name);
        map.Metadata.Labels = new Dictionary<string, string> { ["marked"] = "yes" };
        return runtime.Direct.CreateAsync(map, default);
    }

    private async Task<IReadOnlyList<string>> PodsAsync() =>
        [.. (await runtime.Direct.ListAsync<V1Pod>(runtime.Namespace, null, default)).Items.Select(p => p.Metadata.Name)];

    private static MarkedMapScript Script(IHost host) => host.Services.GetRequiredService<MarkedMapScript>();

    private static ILeadership Leadership(IHost host) => host.Services.GetRequiredService<ILeadership>();

    private static async Task<HealthStatus> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;
}
