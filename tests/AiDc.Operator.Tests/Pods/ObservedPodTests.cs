using System.Text;
using System.Text.Json;
using AiDc.ControllerRuntime.Json;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Tests.Pods;

public sealed class ObservedPodTests
{
    private static readonly JsonSerializerOptions SmallParts = new(RuntimeJson.Options) { DefaultBufferSize = 512 };

    private const string Whole = """
        {"kind":"Pod","apiVersion":"v1",
         "metadata":{"name":"digits-worker-3-2","namespace":"team","uid":"u1","resourceVersion":"77","creationTimestamp":"2026-03-01T12:00:00Z",
           "deletionTimestamp":"2026-03-01T12:01:00Z","deletionGracePeriodSeconds":30,"managedFields":[{"manager":"x","fieldsV1":{"f:a":{}}}],
           "labels":{"aidc.dev/job":"digits","aidc.dev/worker-index":"3","aidc.dev/attempt":"2","aidc.dev/incarnation":"4","other":"x"},
           "annotations":{"aidc.dev/spec-hash":"abc","aidc.dev/job-generation":"5","aidc.dev/avoided-nodes":"n1,n2"},
           "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"n1"},
             {"apiVersion":"aidc.dev/v1alpha1","kind":"TrainingJob","name":"digits","uid":"j1","controller":true,"blockOwnerDeletion":true}]},
         "spec":{"nodeName":"node-7","containers":[{"name":"trainer","image":"a","env":[{"name":"A","value":"b"}]}],"volumes":[{"name":"x","emptyDir":{}}]},
         "status":{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory.",
           "conditions":[{"type":"PodScheduled","status":"True"},{"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet","message":"m"}],
           "initContainerStatuses":[{"name":"fetch","state":{"terminated":{"exitCode":0,"reason":"Completed","finishedAt":"2026-03-01T12:00:05Z"}}}],
           "containerStatuses":[{"name":"trainer","lastState":{},"state":{"terminated":{"exitCode":137,"reason":"OOMKilled","message":"tail","startedAt":"2026-03-01T12:00:06Z","finishedAt":"2026-03-01T12:00:09Z"}},"ready":false}]}}
        """;

    [Test]
    public async Task A_long_list_is_read_from_a_stream_that_brings_it_in_parts()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(Whole, 200))}]"));
        var pods = await JsonSerializer.DeserializeAsync<List<ObservedPod>>(stream, SmallParts);

        Assert.That(pods!.Select(p => (p.Name, p.NodeName)), Is.All.EqualTo(("digits-worker-3-2", "node-7")).And.Exactly(200).Items);
    }

    [Test]
    public void What_decisions_need_is_read_and_the_rest_is_not()
    {
        var pod = Read(Whole);

        Assert.That((pod.Name, pod.Metadata.NamespaceProperty, pod.Uid, pod.Metadata.ResourceVersion), Is.EqualTo(("digits-worker-3-2", "team", "u1", "77")));
        Assert.That((pod.Index, pod.Attempt, pod.SpecHash, pod.JobGeneration, pod.OwnerUid, pod.NodeName), Is.EqualTo((3, 2, "abc", 5L, "j1", "node-7")));
        Assert.That((pod.Incarnation, pod.AvoidedNodes), Is.EqualTo((4, "n1,n2")));
        Assert.That(pod.Metadata.DeletionTimestamp, Is.EqualTo(new DateTime(2026, 3, 1, 12, 1, 0, DateTimeKind.Utc)));
        Assert.That((pod.Phase, pod.Reason, pod.Message), Is.EqualTo((PodPhase.Failed, "Evicted", "The node was low on resource: memory.")));
        Assert.That((pod.Unschedulable, pod.Disruption), Is.EqualTo(((PodNotice?)null, new PodNotice("TerminationByKubelet", "m"))));
        Assert.That(pod.Containers, Is.EqualTo(new ObservedContainer[]
        {
            new("fetch", true, ContainerPhase.Terminated, "Completed", null, 0, new DateTimeOffset(2026, 3, 1, 12, 0, 5, TimeSpan.Zero)),
            new("trainer", false, ContainerPhase.Terminated, "OOMKilled", "tail", 137, new DateTimeOffset(2026, 3, 1, 12, 0, 9, TimeSpan.Zero)),
        }));
        Assert.That((pod.Metadata.ManagedFields, pod.Metadata.Labels), Is.EqualTo((null as object, null as object)));
    }

    [TestCase("""{"metadata":{"name":"a","labels":{"aidc.dev/worker-index":"x","aidc.dev/attempt":"-1"}}}""")]
    [TestCase("""{"metadata":{"name":"a","labels":null,"ownerReferences":null},"spec":null,"status":{"phase":"Odd","conditions":null,"containerStatuses":[]}}""")]
    [TestCase("""{"metadata":{"name":"a"},"status":{"containerStatuses":[{"name":"c","state":{}}],"conditions":[{"type":"PodScheduled","status":5}]}}""")]
    public void An_odd_pod_does_not_stop_the_watch(string json)
    {
        var pod = Read(json);

        Assert.That((pod.Name, pod.Index, pod.Attempt, pod.OwnerUid), Is.EqualTo(("a", -1, 0, (string?)null)));
    }

    [Test]
    public void Broken_text_is_an_error() =>
        Assert.That(() => Read(Whole[..^200]), Throws.InstanceOf<JsonException>());

    [Test]
    public void Pods_in_a_list_are_read_one_after_the_other()
    {
        var pods = JsonSerializer.Deserialize<List<ObservedPod>>($"[{Whole},{Whole.Replace("worker-3", "worker-4", StringComparison.Ordinal)}]", RuntimeJson.Options)!;

        Assert.That(pods.Select(p => p.Name), Is.EqualTo(new[] { "digits-worker-3-2", "digits-worker-4-2" }));
    }

    [Test]
    public void A_change_that_no_decision_reads_looks_the_same()
    {
        var changed = Read(Whole.Replace("\"77\"", "\"78\"", StringComparison.Ordinal).Replace("\"ready\":false", "\"ready\":true", StringComparison.Ordinal));
        var ended = Read(Whole.Replace("137", "1", StringComparison.Ordinal));

        Assert.That(Read(Whole).LooksLike(changed), Is.True);
        Assert.That(Read(Whole).LooksLike(ended), Is.False);
    }

    [Test]
    public void Ten_thousand_pods_are_small()
    {
        var json = Encoding.UTF8.GetBytes(Whole);
        var pods = new ObservedPod[10_000];
        Read(Whole);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < pods.Length; i++) pods[i] = JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<ObservedPod>())!;

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(pods);
        Assert.That(bytes / pods.Length, Is.LessThan(2048), "bytes a pod");
    }

    private static ObservedPod Read(string json) => JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<ObservedPod>())!;
}
