using System.Globalization;
using static AiDc.EndToEnd.DigitsGang;

namespace AiDc.EndToEnd;

/// <summary>What goes wrong on nodes that keep their power: memory, GPUs, a dead kubelet, a slow processor.</summary>
public sealed class NodeTroubleTests
{
    [Test]
    public void A_worker_that_outgrows_its_memory_is_reported_with_its_limit_and_is_not_retried_for_ever()
    {
        using var bed = new TestBed("memory");
        bed.Apply($$"""
            apiVersion: aidc.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: hungry}
            spec:
              workers: {replicas: 1}
              resources: {memory: 64Mi}
              failure: {maxRestarts: 1}
              template:
                spec:
                  containers:
                  - name: trainer
                    image: {{Images.Tools}}
                    imagePullPolicy: IfNotPresent
                    command: [perl, -e, "my @a; push @a, 'x' x 1_000_000 while 1"]
            """);
        bed.WaitForPhase("hungry", "Failed");

        var failure = bed.Status("hungry").GetProperty("lastFailure");
        Assert.Multiple(() =>
        {
            Assert.That(failure.GetProperty("reason").GetString(), Is.EqualTo("OOMKilled"));
            Assert.That(failure.GetProperty("exitCode").GetInt32(), Is.EqualTo(137));
            Assert.That(bed.Kubectl("get", "tj", "hungry", "-o", "json"), Does.Contain("64Mi").And.Contain("ran out of memory"));
            Assert.That(Number(bed.Status("hungry"), "restarts"), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_node_that_withdraws_a_GPU_is_left()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("gpu");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 2, min: 1, max: 2}", epochs: 120, resources: "{cpu: 200m, gpus: 1}"));
        TrainsWith(bed, 2);
        var lost = Pods(bed)[^1];

        using (Nodes.WithoutGpus(lost.Node))
        {
            bed.Eventually("the worker is on another node", () => Members(bed) is { Count: 2 } now && !now.Contains(lost.Uid) && TrainsOn(bed));
            Assert.Multiple(() =>
            {
                Assert.That(Pods(bed).Where(p => p.Phase == "Running").Select(p => p.Node), Has.None.EqualTo(lost.Node));
                Assert.That(bed.Status("digits").GetProperty("lastFailure").GetProperty("reason").GetString(), Is.EqualTo("GpuWithdrawn"));
                Assert.That(bed.Status("digits").GetProperty("attempt").GetInt32(), Is.EqualTo(1), "the gang was not started again");
            });
        }
        VerifyLedger(bed);
    }

    [Test]
    public void A_worker_whose_kubelet_is_dead_trains_on_and_does_not_hang_on_its_node_once_its_pod_is_deleted()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("kubelet");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3, min: 1, max: 3}", epochs: 300));
        TrainsWith(bed, 3);
        var lost = Pods(bed)[^1];

        using (Nodes.StopKubelet(lost.Node))
        {
            bed.Eventually("the node is not ready", () => Shell.Run("kubectl", "get", "node", lost.Node).Contains("NotReady", StringComparison.Ordinal));
            Assert.That(TrainsOn(bed) && Members(bed).Contains(lost.Uid), "a worker that trains is not given up for its kubelet");

            // As the cluster itself does after five minutes. No kubelet will end it.
            bed.Kubectl("delete", "pod", lost.Name, "--wait=false");
            bed.Eventually("the worker is on another node", () => Members(bed) is { Count: 3 } now && !now.Contains(lost.Uid) && TrainsOn(bed), 180);
            bed.Eventually("its pod is gone", () => UidOf(bed, lost.Name) != lost.Uid);
            Assert.That(Pods(bed).Where(p => p.Phase == "Running").Select(p => p.Node), Has.None.EqualTo(lost.Node));
        }
        VerifyLedger(bed);
    }

    [Test]
    public void A_worker_that_holds_the_others_up_is_named_with_its_slowdown()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("straggler");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3, min: 1, max: 3}", epochs: 300));
        TrainsWith(bed, 3);
        var slow = Pods(bed)[^1];

        Nodes.Throttle(bed.Namespace, slow.Name, cores: 0.05);
        bed.Eventually("a straggler is named", () => Straggler(bed) is ("True", _), 180);

        Assert.That(Straggler(bed)!.Value.Message, Does.StartWith("worker 2 on node " + slow.Node).And.Match(@"computes \d+\.\d times as long as its peers"));
    }

    private static (string Status, string Message)? Straggler(TestBed bed)
    {
        var condition = bed.Status("digits").GetProperty("conditions").EnumerateArray().FirstOrDefault(c => c.GetProperty("type").GetString() == "Straggler");
        return condition.ValueKind == System.Text.Json.JsonValueKind.Undefined
            ? null
            : (condition.GetProperty("status").GetString()!, string.Create(CultureInfo.InvariantCulture, $"{condition.GetProperty("message").GetString()}"));
    }
}
