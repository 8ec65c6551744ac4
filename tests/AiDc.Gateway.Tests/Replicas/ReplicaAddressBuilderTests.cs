using System.Text.Json;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Json;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Tests.Replicas;

public sealed class ReplicaAddressBuilderTests
{
    [Test]
    public void A_pod_as_the_API_server_sends_it_is_read()
    {
        var replica = ReplicaAddressBuilder.Build(Pod(
            """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "mnist-1a2b3c4d-x", "namespace": "a", "uid": "u", "resourceVersion": "7",
               "labels": {"aidc.dev/inference-service": "mnist", "aidc.dev/revision": "mnist-1a2b3c4d"},
               "annotations": {"aidc.dev/http-port": "8080", "aidc.dev/grpc-port": "8081", "aidc.dev/max-concurrency": "64", "aidc.dev/probe-path": "/v2/health/ready"}},
             "spec": {"containers": [{"name": "server", "image": "x", "unknown": {"deep": [1, 2]}}], "nodeName": "n"},
             "status": {"phase": "Running", "podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}],
               "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": null}], "containerStatuses": []}}
            """));

        Assert.That(replica, Is.EqualTo(new ReplicaAddress(
            new NamespacedName("a", "mnist-1a2b3c4d-x"), "u", "mnist-1a2b3c4d", "10.1.2.3", 8080, 8081, 64, "/v2/health/ready", Ready: true, Leaving: false)));
    }

    [Test]
    public void Without_annotations_it_speaks_everything_at_8080_and_has_no_path_to_probe()
    {
        var replica = ReplicaAddressBuilder.Build(Pod("""{"metadata": {"name": "p", "namespace": "a", "uid": "u"}, "status": {"podIP": "10.1.2.3"}}"""))!;

        Assert.That((replica.HttpPort, replica.GrpcPort, replica.MaxConcurrency, replica.ProbePath), Is.EqualTo((8080, 8080, (int?)null, (string?)null)));
        Assert.That(replica.Ready, Is.False);
    }

    [Test]
    public void What_is_no_number_counts_as_not_there()
    {
        var replica = ReplicaAddressBuilder.Build(Pod(
            """
            {"metadata": {"name": "p", "namespace": "a", "uid": "u",
               "annotations": {"aidc.dev/http-port": "99999", "aidc.dev/grpc-port": "-1", "aidc.dev/max-concurrency": "0", "aidc.dev/probe-path": "http://elsewhere/"}},
             "status": {"podIP": "fd00::7"}}
            """))!;

        Assert.That((replica.Host, replica.HttpPort, replica.GrpcPort, replica.MaxConcurrency, replica.ProbePath), Is.EqualTo(("[fd00::7]", 8080, 8080, (int?)null, (string?)null)));
    }

    [Test]
    public void A_pod_without_an_address_is_no_replica_yet() =>
        Assert.That(ReplicaAddressBuilder.Build(Pod("""{"metadata": {"name": "p", "namespace": "a", "uid": "u"}, "status": {"phase": "Pending"}}""")), Is.Null);

    [TestCase("""{"metadata": {"name": "p", "namespace": "a", "uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"podIP": "10.0.0.1"}}""")]
    [TestCase("""{"metadata": {"name": "p", "namespace": "a", "uid": "u"}, "status": {"podIP": "10.0.0.1", "phase": "Failed"}}""")]
    public void A_pod_that_ends_is_leaving(string json) => Assert.That(ReplicaAddressBuilder.Build(Pod(json))!.Leaving, Is.True);

    private static ServedPod Pod(string json) => JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<ServedPod>())!;
}
