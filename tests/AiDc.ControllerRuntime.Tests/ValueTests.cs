using System.Text;
using System.Text.Json.Nodes;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Hosting;
using AiDc.ControllerRuntime.Json;
using AiDc.Testing;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>Conditions, differences, patches, predicates and expectations: no server needed.</summary>
public sealed class ValueTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Test]
    public void The_time_of_a_condition_moves_only_when_its_status_flips_and_has_whole_seconds()
    {
        var first = ConditionHelper.With(null, "Ready", false, "Starting", "1 of 2", 1, Now);
        Assert.That(first[0].LastTransitionTime, Is.EqualTo(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        var second = ConditionHelper.With(first, "Ready", false, "Starting", "2 of 2", 2, Now.AddMinutes(1));
        Assert.That((second[0].LastTransitionTime, second[0].Message, second[0].ObservedGeneration), Is.EqualTo((first[0].LastTransitionTime, "2 of 2", 2L)));
        Assert.That(first[0].Message, Is.EqualTo("1 of 2"), "lists are values");
        var third = ConditionHelper.With(second, "Ready", true, "Up", new string('x', 5000), 2, Now.AddMinutes(2));
        Assert.That((third[0].LastTransitionTime, third[0].Message.Length), Is.EqualTo((new DateTime(2026, 1, 2, 3, 6, 5, DateTimeKind.Utc), 1024)));
        Assert.That(ConditionHelper.IsTrue(third, "Ready"), Is.True);
        Assert.That(ConditionHelper.With(third, "Other", null, "r", "", 1, Now), Has.Count.EqualTo(2).And.Some.Property("Status").EqualTo("Unknown"));
    }

    [Test]
    public void Quantities_are_compared_by_value_and_other_text_by_letter()
    {
        V1Pod Pod(string memory, string image)
        {
            var pod = TestPod.Named("ns", "p").Build();
            pod.Spec.Containers[0].Image = image;
            pod.Spec.Containers[0].Resources.Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new(memory) };
            return pod;
        }

        Assert.That(ApplyDiff.NeedsApply(Pod("1024Mi", "a"), Pod("1Gi", "a")), Is.False);
        Assert.That(ApplyDiff.FirstDifference(Pod("1025Mi", "a"), Pod("1Gi", "a")), Is.EqualTo("spec.containers.resources.limits.memory"));
        Assert.That(ApplyDiff.FirstDifference(Pod("1Gi", "a:1"), Pod("1Gi", "a:1.0")), Is.EqualTo("spec.containers.image"));
        Assert.That(ApplyDiff.FirstDifference(Pod("1Gi", "a"), null), Is.EqualTo("(missing)"));
    }

    [Test]
    public void Lists_with_keys_are_compared_by_key_and_may_have_more_and_other_lists_may_not()
    {
        var desired = TestPod.Named("ns", "p").Build();
        var observed = TestPod.Named("ns", "p").Build();
        desired.Spec.Tolerations = [new() { Key = "a" }];
        observed.Spec.Containers.Insert(0, new() { Name = "sidecar", Image = "other" });
        observed.Spec.Tolerations = [new() { Key = "a" }];
        observed.Metadata.Labels = new Dictionary<string, string> { ["added"] = "by others" };
        Assert.That(ApplyDiff.FirstDifference(desired, observed), Is.Null);
        observed.Spec.Tolerations.Add(new() { Key = "b" });
        Assert.That(ApplyDiff.FirstDifference(desired, observed), Is.EqualTo("spec.tolerations"));
        desired.Spec.Containers.Add(new() { Name = "new" });
        Assert.That(ApplyDiff.FirstDifference(desired, observed), Is.EqualTo("spec.containers[new]"));
    }

    [Test]
    public void The_text_of_a_secret_is_found_in_its_data()
    {
        var desired = new V1Secret { Metadata = new() { Name = "s" }, StringData = new Dictionary<string, string> { ["k"] = "v" } };
        var observed = new V1Secret { Metadata = new() { Name = "s" }, Data = new Dictionary<string, byte[]> { ["k"] = Encoding.UTF8.GetBytes("v") } };
        Assert.That(ApplyDiff.NeedsApply(desired, observed), Is.False);
        observed.Data["k"] = [1];
        Assert.That(ApplyDiff.NeedsApply(desired, observed), Is.True);
    }

    [Test]
    public void A_merge_patch_names_what_has_to_go()
    {
        var observed = JsonNode.Parse("""{"a":1,"map":{"x":"1","y":"2"},"old":{"z":1},"list":[1,2]}""");
        var desired = JsonNode.Parse("""{"a":1,"b":null,"map":{"x":"1"},"list":[{"k":null,"v":3}]}""");
        Assert.That(
            MergePatch.Towards(observed, desired)!.ToJsonString(),
            Is.EqualTo("""{"a":1,"b":null,"map":{"x":"1","y":null},"list":[{"v":3}],"old":null}"""));
    }

    [Test]
    public void A_controller_is_not_woken_by_its_own_status_writes()
    {
        var before = TestPod.Named("ns", "p").Label("a", "b").Build();
        var after = TestPod.Named("ns", "p").Label("a", "b").Phase("Running").Build();
        before.Metadata.ResourceVersion = "1";
        after.Metadata.ResourceVersion = "2";
        Assert.That(Predicates.GenerationOrMetadataChanged(new StoreEvent<V1Pod>(StoreEventKind.Modified, before, after, false)), Is.False);
        after.Metadata.Annotations = new Dictionary<string, string> { ["x"] = "y" };
        Assert.That(Predicates.GenerationOrMetadataChanged(new StoreEvent<V1Pod>(StoreEventKind.Modified, before, after, false)), Is.True);
        Assert.That(Predicates.GenerationOrMetadataChanged(new StoreEvent<V1Pod>(StoreEventKind.Deleted, before, before, false)), Is.True);
    }

    [Test]
    public void A_child_wakes_its_controlling_owner_of_the_right_kind_and_when_it_changes_hands_both()
    {
        var owner = new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new() { Name = "first", Uid = "u" } };
        var other = new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new() { Name = "second", Uid = "w" } };
        var woken = new List<string>();
        var handler = EventMaps.Handler((request, _) => woken.Add(request.ToString()), EventMaps.Owner<V1Pod>(typeof(V1ConfigMap)), null);
        var (a, b) = (TestPod.Named("ns", "p").OwnedBy(owner).Build(), TestPod.Named("ns", "p").OwnedBy(other).Build());
        handler(new(StoreEventKind.Modified, a, b, false));
        Assert.That(woken, Is.EquivalentTo(["ns/first", "ns/second"]));
        woken.Clear();
        EventMaps.Handler((request, _) => woken.Add(request.ToString()), EventMaps.Owner<V1Pod>(typeof(V1Secret)), null)(new(StoreEventKind.Added, null, a, false));
        Assert.That(woken, Is.Empty, "an owner of another kind");
    }

    [Test]
    public void A_child_that_is_no_news_wakes_its_owner_behind_all_others_and_one_that_changed_does_not_wait()
    {
        var owner = new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new() { Name = "first", Uid = "u" } };
        var waits = new List<bool>();
        var handler = EventMaps.Handler(
            (_, low) => waits.Add(low), EventMaps.Owner<V1Pod>(typeof(V1ConfigMap)), null, change => change.Kind == StoreEventKind.Added);
        var pod = TestPod.Named("ns", "p").OwnedBy(owner).Build();
        handler(new(StoreEventKind.Added, null, pod, false));
        handler(new(StoreEventKind.Deleted, pod, pod, false));
        handler(new(StoreEventKind.Deleted, pod, pod, true));
        Assert.That(waits, Is.EqualTo(new[] { true, false, true }));
    }

    [Test]
    public void Owners_of_two_kinds_that_have_one_name_do_not_wait_for_each_other()
    {
        var store = new FixedStore { ResourceVersion = "1" };
        var consistency = new ConsistencyStore(_ => store, new FakeTimeProvider());
        var name = new NamespacedName("ns", "digits");

        consistency.WroteAt<V1Pod>(OwnerKey.Of<V1Job>(name), "100");

        Assert.That((consistency.IsReady(OwnerKey.Of<V1Job>(name)), consistency.IsReady(OwnerKey.Of<V1Deployment>(name))), Is.EqualTo((false, true)));
    }

    [Test]
    public void An_owner_waits_until_the_store_has_seen_its_writes_and_deletes()
    {
        var clock = new FakeTimeProvider();
        var store = new FixedStore();
        var consistency = new ConsistencyStore(_ => store, clock);
        var owner = OwnerKey.Of<V1Job>(new("ns", "job"));
        Assert.That(consistency.IsReady(owner), Is.True);

        consistency.WroteAt<V1Pod>(owner, "100");
        consistency.WroteAt<V1Pod>(owner, "99");
        store.ResourceVersion = "99";
        Assert.That(consistency.IsReady(owner), Is.False);
        Assert.That(consistency.IsReady(OwnerKey.Of<V1Job>(new("ns", "other"))), Is.True);
        store.ResourceVersion = "100";
        Assert.That(consistency.IsReady(owner), Is.True);

        var pod = TestPod.Named("ns", "p").Build();
        pod.Metadata.Uid = "u1";
        store.Pod = pod;
        consistency.Deleted<V1Pod>(owner, new("ns", "p"), "u1");
        Assert.That(consistency.IsReady(owner), Is.False);
        store.Pod = TestPod.Named("ns", "p").Build();
        store.Pod.Metadata.Uid = "u2";
        Assert.That(consistency.IsReady(owner), Is.True, "another object of that name");

        consistency.WroteAt<V1Pod>(owner, "1000");
        clock.Advance(ConsistencyStore.TimeToLive + TimeSpan.FromSeconds(1));
        Assert.That(consistency.IsReady(owner), Is.True, "what is never seen expires");
        consistency.WroteAt<V1Pod>(owner, "not a number");
        Assert.That(consistency.IsReady(owner), Is.True, "what cannot be compared holds nobody back");
    }

    [Test]
    public void A_watch_line_is_split_whatever_the_order_of_its_fields()
    {
        Assert.That(WatchLine.Read("""{"type":"ADDED","object":{"a":{"b":"}"}}}"""u8, out var value), Is.EqualTo(WatchLineKind.Added));
        Assert.That(Encoding.UTF8.GetString(value), Is.EqualTo("""{"a":{"b":"}"}}"""));
        Assert.That(WatchLine.Read("""{"object":{"a":1},"x":[1],"type":"DELETED"}"""u8, out value), Is.EqualTo(WatchLineKind.Deleted));
        Assert.That(Encoding.UTF8.GetString(value), Is.EqualTo("""{"a":1}"""));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{\"type\":\"ADDED\"}")]
    [TestCase("{\"type\":\"NEWS\",\"object\":{}}")]
    [TestCase("{\"type\":\"ADDED\",\"object\":{")]
    public void A_watch_line_that_is_none_is_an_error(string line) =>
        Assert.That(() => WatchLine.Read(Encoding.UTF8.GetBytes(line), out _), Throws.InstanceOf<System.Text.Json.JsonException>());

    [Test]
    public void Settings_that_cannot_work_are_refused_all_at_once()
    {
        var result = new KubernetesOperatorOptionsValidator().Validate(null, new()
        {
            Identity = "", LeaseDuration = TimeSpan.FromSeconds(8), RenewDeadline = TimeSpan.FromSeconds(9), CreateConcurrency = 0,
        });
        Assert.That(result.Failures, Has.Exactly(3).Items
            .And.Some.Contain("Identity").And.Some.Contain("RenewDeadline").And.Some.Contain("CreateConcurrency"));
        Assert.That(new KubernetesOperatorOptionsValidator().Validate(null, new() { Identity = "me" }).Succeeded, Is.True);
    }

    [Test]
    public void Labels_and_owners_of_different_objects_share_their_strings_and_lose_nothing()
    {
        var json = """{"metadata":{"name":"a","namespace":"ns","labels":{"k":"v"},"managedFields":[{"manager":"m"}],"ownerReferences":[{"kind":"K","name":"o","uid":"u","apiVersion":"v1","controller":true}]}}"""u8;
        var (a, b) = (Read(json), Read(json));
        Assert.That(ReferenceEquals(a.Metadata.Labels["k"], b.Metadata.Labels["k"]), Is.True);
        Assert.That(ReferenceEquals(a.Metadata.OwnerReferences[0].Uid, b.Metadata.OwnerReferences[0].Uid), Is.True);
        Assert.That(
            Encoding.UTF8.GetString(RuntimeJson.ToUtf8(a.Metadata)),
            Does.Contain("\"labels\":{\"k\":\"v\"}").And.Contain("\"controller\":true").And.Contain("\"namespace\":\"ns\"").And.Not.Contain("managedFields"));

        static V1Pod Read(ReadOnlySpan<byte> json) => System.Text.Json.JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<V1Pod>())!;
    }

    [Test]
    public void Whoever_changes_an_object_of_a_store_is_found_out()
    {
        var store = new FixedStore { Pod = TestPod.Named("ns", "p").Build() };
        var fingerprint = new StoreFingerprint<V1Pod>(store);
        Assert.That(fingerprint.Mutated(), Is.Empty);
        store.Pod.Spec.NodeName = "changed in place";
        Assert.That(fingerprint.Mutated(), Is.EqualTo([new NamespacedName("ns", "p")]));
        store.Pod = TestPod.Named("ns", "p").Phase("Running").Build();
        Assert.That(fingerprint.Mutated(), Is.Empty, "a new version is no mutation");
    }

    [Test]
    public void Interned_strings_are_one_instance()
    {
        var json = """{"metadata":{},"status":{"phase":"Pend\u0069ng"}}"""u8;
        var a = System.Text.Json.JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<SmallPod>())!;
        var b = System.Text.Json.JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<SmallPod>())!;
        Assert.That(a.Status!.Phase, Is.EqualTo("Pending"));
        Assert.That(ReferenceEquals(a.Status.Phase, b.Status!.Phase), Is.True);
    }

    private sealed class FixedStore : IStore<V1Pod>
    {
        public V1Pod? Pod { get; set; }

        public string? ResourceVersion { get; set; }

        public int Count => Pod is null ? 0 : 1;

        public bool HasSynced => true;

        public V1Pod? Get(NamespacedName name) => Pod;

        public IReadOnlyList<V1Pod> List() => Pod is null ? [] : [Pod];

        public IReadOnlyList<V1Pod> ListNamespace(string ns) => List();

        public IReadOnlyList<V1Pod> ByIndex(string index, string key) => [];
    }
}
