using System.Text.Json;
using AiDc.ControllerRuntime.Json;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Nodes;

public sealed class NodeViewTests
{
    private const string Gpu = "nvidia.com/gpu";

    [Test]
    public void Devices_in_use_are_those_that_the_pods_hold_whatever_the_spec_of_their_job_says_by_now()
    {
        var node = NodeWith(allocatable: "4");

        // Their job was edited to 4 GPUs a worker since: these pods have 2 each all the same.
        Assert.That(NodeView.Of(node, null, [PodWith("2"), PodWith("2")], Gpu), Has.Property("GpusInUse").EqualTo(4).And.Property("HasLostGpus").False);
        Assert.That(NodeView.Of(node, null, [PodWith("2"), PodWith("2"), PodWith("1")], Gpu).HasLostGpus, Is.True);
    }

    [Test]
    public void A_pod_that_has_ended_holds_no_device() =>
        Assert.That(NodeView.Of(NodeWith("1"), null, [PodWith("2", "Failed"), PodWith("1")], Gpu).GpusInUse, Is.EqualTo(1));

    [Test]
    public void Containers_hold_devices_together_and_init_containers_one_after_the_other()
    {
        var pod = JsonSerializer.Deserialize<ObservedPod>("""
            {"metadata":{"name":"a"},"spec":{
              "initContainers":[{"name":"i","resources":{"limits":{"nvidia.com/gpu":"3"}}},{"name":"j","resources":{"limits":{"nvidia.com/gpu":"5"}}}],
              "containers":[{"name":"a","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"2","nvidia.com/gpu":"2"}}},
                            {"name":"b","resources":{"limits":{"nvidia.com/gpu":"2","example.com/nic":"1"}}},{"name":"c","resources":{}},{"name":"d"}]}}
            """, RuntimeJson.Options)!;

        Assert.That((pod.DevicesOf(Gpu), pod.DevicesOf("example.com/nic"), pod.DevicesOf("cpu")), Is.EqualTo((5, 1, 0)));
    }

    [Test]
    public void A_deleted_node_is_forgotten_after_an_hour_unless_pods_are_on_it()
    {
        var clock = new FakeTimeProvider();
        var deleted = new DeletedNodes(clock);
        deleted.Add("empty");
        deleted.Add("with-pods");
        deleted.Forget(_ => false);
        Assert.That((deleted.Has("empty"), deleted.Has("with-pods")), Is.EqualTo((true, true)));

        clock.Advance(DeletedNodes.KeptFor + TimeSpan.FromSeconds(1));
        deleted.Add("new");
        deleted.Forget(name => name == "with-pods");

        Assert.That((deleted.Has("empty"), deleted.Has("with-pods"), deleted.Has("new"), deleted.Count), Is.EqualTo((false, true, true, 2)));
    }

    private static ObservedNode NodeWith(string allocatable) => new()
    {
        Metadata = new() { Name = "n" }, Status = new() { Allocatable = new() { [Gpu] = allocatable } },
    };

    private static ObservedPod PodWith(string gpus, string phase = "Running") => JsonSerializer.Deserialize<ObservedPod>(
        "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"trainer\",\"resources\":{\"limits\":{\"nvidia.com/gpu\":\"" + gpus
        + "\"}}}]},\"status\":{\"phase\":\"" + phase + "\"}}", RuntimeJson.Options)!;
}
