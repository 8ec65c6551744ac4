using System.Collections.Concurrent;
using AiDc.ControllerRuntime.Caching;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>Informers against a real API server behind a proxy that breaks things.</summary>
[Category("Integration")]
public sealed class InformerTests
{
    private TestRuntime runtime = null!;

    [SetUp]
    public async Task SetUpAsync() => runtime = await TestRuntime.StartAsync();

    [TearDown]
    public async Task TearDownAsync() => await runtime.DisposeAsync();

    [Test]
    public async Task The_store_follows_creates_changes_and_deletes()
    {
        await runtime.CreateMapsAsync(0, 2);
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());
        Assert.That(store.Count, Is.EqualTo(await ServerCountAsync()));

        await runtime.Direct.CreateAsync(runtime.Map("new"), default);
        await runtime.Direct.PatchMergeAsync<V1ConfigMap>(runtime.Name("map-0"), new { data = new { value = "2" } }, default);
        await runtime.Direct.DeleteAsync<V1ConfigMap>(runtime.Name("map-1"), null, default);

        await Eventually.Assert(() => store.Get(runtime.Name("new")) is not null);
        await Eventually.Assert(() => store.Get(runtime.Name("map-0"))?.Data["value"] == "2");
        await Eventually.Assert(() => store.Get(runtime.Name("map-1")) is null);
    }

    [Test]
    public async Task A_watch_cut_after_some_events_goes_on_where_it_was()
    {
        runtime.Proxy.Next(FaultProxy.IsWatch, new Fault.CutAfter(2), times: 3);
        var events = new ConcurrentQueue<StoreEvent<V1ConfigMap>>();
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>(handler: events.Enqueue));
        await runtime.CreateMapsAsync(0, 9);

        await Eventually.Assert(() => Enumerable.Range(0, 9).All(i => store.Get(runtime.Name($"map-{i}")) is not null));
        var added = events.Where(e => e is { Kind: StoreEventKind.Added, IsInitial: false }).Select(e => e.Value.Metadata.Name);
        Assert.That(added.Where(n => n.StartsWith("map-", StringComparison.Ordinal)), Is.EquivalentTo(Enumerable.Range(0, 9).Select(i => $"map-{i}")), "each event once");
        Assert.That(runtime.Proxy.Requests.Count(r => r.Contains("limit=", StringComparison.Ordinal)), Is.EqualTo(1), "lists: only the first");
    }

    [TestCase(true, TestName = "A_version_refused_inside_the_stream_leads_to_a_new_list")]
    [TestCase(false, TestName = "A_version_refused_over_http_leads_to_a_new_list")]
    public async Task Version_refused(bool inStream)
    {
        runtime.Proxy.Next(FaultProxy.IsWatch, inStream ? Fault.LineAfter.Gone(0) : new Fault.Refusal(410, "Expired", "too old resource version"));
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());
        await runtime.CreateMapsAsync(0, 1);

        await Eventually.Assert(() => store.Get(runtime.Name("map-0")) is not null);
        await Eventually.Assert(() => runtime.Proxy.Requests.Count(r => r.Contains("limit=", StringComparison.Ordinal)) == 2);
    }

    [Test]
    public async Task Where_the_last_version_is_refused_for_a_list_too_the_list_is_made_anew_in_pages()
    {
        await runtime.CreateMapsAsync(0, 8);
        runtime.Proxy.Next(FaultProxy.IsWatch, Fault.LineAfter.Gone(0));
        // The first list asks for version 0; the one after the watch for the last version, and is refused.
        runtime.Proxy.Next(
            r => FaultProxy.IsList(r) && r.Query["resourceVersion"] is [var version] && version != "0", new Fault.Refusal(410, "Expired", "too old"));
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());

        await Eventually.Assert(() => runtime.Proxy.Requests.Count(r => r.Contains("limit=3", StringComparison.Ordinal)) >= 3);
        Assert.That(runtime.Proxy.Requests.Count(r => r.Contains("continue=", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(2));
        Assert.That(store.Count, Is.EqualTo(await ServerCountAsync()));
    }

    [Test]
    public async Task Deletes_missed_while_disconnected_are_found_by_the_next_list()
    {
        var gone = new ConcurrentQueue<StoreEvent<V1ConfigMap>>();
        await runtime.CreateMapsAsync(0, 3);
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>(handler: e =>
        {
            if (e.Kind == StoreEventKind.Deleted) gone.Enqueue(e);
        }));

        runtime.Proxy.Disconnect();
        await runtime.Direct.DeleteAsync<V1ConfigMap>(runtime.Name("map-1"), null, default);
        await runtime.Direct.DeleteAsync<V1ConfigMap>(runtime.Name("map-2"), null, default);
        await runtime.Direct.CreateAsync(runtime.Map("map-2", "reborn"), default);
        // The server has forgotten the version meanwhile: nobody will tell of the deletes.
        runtime.Proxy.Next(FaultProxy.IsWatch, new Fault.Refusal(410, "Expired", "too old resource version"));
        runtime.Proxy.Connect();

        await Eventually.Assert(() => store.Get(runtime.Name("map-1")) is null);
        await Eventually.Assert(() => store.Get(runtime.Name("map-2"))?.Data["value"] == "reborn");
        await Eventually.Assert(() => gone.Select(e => e.Value.Metadata.Name).Order().SequenceEqual(["map-1", "map-2"]));
        Assert.That(gone.Single(e => e.Value.Metadata.Name == "map-1").Value.Data["value"], Is.EqualTo("1"), "the last state known");
    }

    [TestCase(true, TestName = "A_watch_that_never_answers_is_given_up")]
    [TestCase(false, TestName = "A_watch_that_falls_silent_is_given_up")]
    public async Task A_hung_connection(bool beforeTheAnswer)
    {
        runtime.Proxy.Next(FaultProxy.IsWatch, beforeTheAnswer ? new Fault.Hang() : new Fault.HangAfter(0));
        var timing = TestRuntime.Short with { ShortestWatch = TimeSpan.FromSeconds(1), LongestWatch = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromMilliseconds(200) };
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>(timing: timing));
        await runtime.CreateMapsAsync(0, 1);

        await Eventually.Assert(() => store.Get(runtime.Name("map-0")) is not null);
    }

    [Test]
    public async Task A_watch_answered_with_429_waits_as_asked_and_does_not_list_again()
    {
        runtime.Proxy.Next(FaultProxy.IsWatch, new Fault.Refusal(429, "TooManyRequests", "slow down", RetryAfterSeconds: 1));
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());
        await runtime.CreateMapsAsync(0, 1);

        await Eventually.Assert(() => store.Get(runtime.Name("map-0")) is not null);
        Assert.That(runtime.Proxy.Requests.Count(r => r.Contains("limit=", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_line_that_cannot_be_read_is_a_lost_event_and_leads_to_a_new_list()
    {
        runtime.Proxy.Next(FaultProxy.IsWatch, new Fault.LineAfter(0, """{"type":"ADDED","object":{"metadata":{"name":42}}}"""));
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());
        await runtime.CreateMapsAsync(0, 1);

        await Eventually.Assert(() => store.Get(runtime.Name("map-0")) is not null);
        await Eventually.Assert(() => runtime.Proxy.Requests.Count(r => r.Contains("limit=", StringComparison.Ordinal)) == 2);
    }

    [Test]
    public async Task A_server_that_is_down_at_first_is_waited_for()
    {
        runtime.Proxy.Disconnect();
        var informer = runtime.Inform<V1ConfigMap>();
        await Eventually.Assert(() => runtime.Proxy.Requests.Count > 0);
        Assert.That(informer.HasSynced, Is.False);
        runtime.Proxy.Connect();

        await SyncedAsync(informer);
    }

    [Test]
    public async Task A_list_cut_short_leaves_the_store_as_it_was_until_a_whole_one_comes()
    {
        await runtime.CreateMapsAsync(0, 5);
        runtime.Proxy.Next(FaultProxy.IsList, new Fault.LoseAnswer(), times: 2);
        var store = await SyncedAsync(runtime.Inform<V1ConfigMap>());

        Assert.That(store.Count, Is.EqualTo(await ServerCountAsync()));
    }

    [Test]
    public async Task A_small_type_with_a_selector_and_an_index_sees_only_what_it_asks_for()
    {
        await runtime.Direct.CreateAsync(TestPod.Named(runtime.Namespace, "a-0").Label("job", "a").Build(), default);
        await runtime.Direct.CreateAsync(TestPod.Named(runtime.Namespace, "a-1").Label("job", "a").Build(), default);
        await runtime.Direct.CreateAsync(TestPod.Named(runtime.Namespace, "other").Build(), default);
        var store = await SyncedAsync(runtime.Inform(new InformerOptions<SmallPod>
        {
            LabelSelector = "job", Indexes = new Dictionary<string, Func<SmallPod, IEnumerable<string>>> { ["job"] = p => [p.Metadata.Labels["job"]] },
        }));
        Assert.That(store.ByIndex("job", "a").Select(p => p.Metadata.Name), Is.EquivalentTo(["a-0", "a-1"]));
        Assert.That(store.ByIndex("job", "b"), Is.Empty);

        await runtime.Direct.PatchMergeAsync<V1Pod>(runtime.Name("a-0"), new { status = new { phase = "Failed" } }, default, "status");
        await runtime.Direct.PatchMergeAsync<V1Pod>(runtime.Name("a-1"), new { metadata = new { labels = new { job = "b" } } }, default);
        await Eventually.Assert(() => store.Get(runtime.Name("a-0"))?.Status?.Phase == "Failed");
        await Eventually.Assert(() => store.ByIndex("job", "b").Count == 1 && store.ByIndex("job", "a").Count == 1);
        Assert.That(store.Get(runtime.Name("other")), Is.Null);
        Assert.That(store.Get(runtime.Name("a-0"))!.Metadata.ManagedFields, Is.Null);
    }

    [Test]
    public async Task Missing_rights_are_reported_and_waited_for()
    {
        using var stranger = runtime.CreateClient(runtime.Plane.Configuration(userToken: "nobody-token"), new());
        var informer = new ResourceInformer<V1ConfigMap>(
            new() { Namespace = runtime.Namespace }, TestRuntime.Short, stranger, runtime.Metrics, TimeProvider.System, new(1),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ResourceInformer<V1ConfigMap>>.Instance);
        runtime.Run(informer.RunAsync);
        await Eventually.Assert(() => informer.LastError?.Contains("Forbidden", StringComparison.Ordinal) == true);

        await runtime.Direct.CreateAsync(new V1Role
        {
            Metadata = new() { Name = "reader", NamespaceProperty = runtime.Namespace },
            Rules = [new() { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["get", "list", "watch"] }],
        }, default);
        await runtime.Direct.CreateAsync(new V1RoleBinding
        {
            Metadata = new() { Name = "nobody", NamespaceProperty = runtime.Namespace },
            RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "reader" },
            Subjects = [new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "User", Name = "nobody" }],
        }, default);
        await SyncedAsync(informer);
    }

    private static async Task<ResourceInformer<T>> SyncedAsync<T>(ResourceInformer<T> informer)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        await informer.WaitForSyncAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
        return informer;
    }

    private async Task<int> ServerCountAsync() => (await runtime.Direct.ListAsync<V1ConfigMap>(runtime.Namespace, null, default)).Items.Count;
}
