using static AiDc.EndToEnd.DigitsGang;

namespace AiDc.EndToEnd;

/// <summary>Trainings of several workers on real nodes, which lose workers and nodes and go on.</summary>
public sealed class ElasticTrainingTests
{
    [Test]
    public void Three_workers_train_one_model_and_each_sample_is_read_once_an_epoch()
    {
        using var bed = new TestBed("gang");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3}", epochs: 3));
        bed.WaitForPhase("digits", "Succeeded");

        Assert.Multiple(() =>
        {
            Assert.That(Members(bed), Has.Count.EqualTo(3));
            Assert.That(Number(bed.Status("digits"), "restarts"), Is.Zero);
            Assert.That(File.Exists(Path.Combine(bed.Folder, "models", "model", "model.safetensors")), "the model on the volume");
        });
        VerifyLedger(bed, epochs: 3);
    }

    [Test]
    public void A_worker_whose_pod_is_taken_away_is_replaced_while_the_others_go_on()
    {
        using var bed = new TestBed("elastic");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3, min: 1, max: 3}", epochs: 30));
        TrainsWith(bed, 3);
        var survivors = Pods(bed).ToDictionary(p => p.Name, p => p.Uid);
        var (victim, lost, _, _) = Pods(bed)[^1];

        bed.Kubectl("delete", "pod", victim, "--grace-period=0", "--force");
        survivors.Remove(victim);
        bed.Eventually("it trains with a replacement", () => Members(bed) is { Count: 3 } now && !now.Contains(lost) && TrainsOn(bed));
        bed.WaitForPhase("digits", "Succeeded", 300);

        Assert.Multiple(() =>
        {
            foreach (var (name, uid) in survivors)
                Assert.That(UidOf(bed, name), Is.EqualTo(uid), "a survivor is the pod that it was");
            Assert.That(bed.Status("digits").GetProperty("attempt").GetInt32(), Is.EqualTo(1), "the gang was not started again");
            Assert.That(Number(bed.Status("digits"), "countedRestarts"), Is.Zero, "nobody is to blame");
        });
        VerifyLedger(bed, epochs: 30);
    }

    [TestCase("link")]
    [TestCase("drop")]
    public void A_node_that_falls_silent_costs_an_elastic_job_no_step_and_nothing_hangs_on_it(string how)
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed($"node-{how}");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3, min: 1, max: 3}", epochs: 120));
        TrainsWith(bed, 3);
        var lost = Pods(bed)[^1];

        using (Nodes.PowerOff(lost.Node, how))
        {
            bed.Eventually("the replacement trains with the others", () => Members(bed) is { Count: 3 } now && !now.Contains(lost.Uid) && TrainsOn(bed));
            bed.Eventually("the dead node's pod is gone", () => UidOf(bed, lost.Name) != lost.Uid);
            Assert.Multiple(() =>
            {
                Assert.That(Pods(bed).Select(p => p.Node), Has.None.EqualTo(lost.Node), "the replacement is elsewhere");
                Assert.That(bed.Status("digits").GetProperty("attempt").GetInt32(), Is.EqualTo(1), "the gang was not started again");
                Assert.That(bed.Status("digits").GetProperty("lastFailure").GetProperty("node").GetString(), Is.EqualTo(lost.Node));
                Assert.That(Number(bed.Status("digits").GetProperty("lastFailure"), "lostSteps"), Is.LessThanOrEqualTo(1));
            });
        }
        VerifyLedger(bed);
    }

    [Test]
    public void A_rigid_job_waits_in_memory_for_the_replacement_and_goes_on_where_it_was()
    {
        using var bed = new TestBed("rigid");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 2}", epochs: 30, every: "1h"));
        TrainsWith(bed, 2);
        var lost = Pods(bed)[^1];

        bed.Kubectl("delete", "pod", lost.Name, "--grace-period=0", "--force");
        bed.Eventually("both train again", () => Members(bed) is { Count: 2 } now && !now.Contains(lost.Uid) && TrainsOn(bed));
        bed.WaitForPhase("digits", "Succeeded", 300);

        var logs = bed.Kubectl("logs", "-l", "aidc.dev/job=digits", "--tail=-1");
        Assert.That(logs, Does.Contain("took the state of rank 0"), "the replacement has the state from the other's memory");
        Assert.That(logs, Does.Not.Match("\"resumed\".*from /checkpoint"), "there was no checkpoint to go back to");
        VerifyLedger(bed, epochs: 30);
    }

    [Test]
    public void Kubectl_scale_resizes_a_running_job_without_a_restart()
    {
        using var bed = new TestBed("scale");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 1, min: 1, max: 3}", epochs: 120));
        TrainsWith(bed, 1);
        var first = Pods(bed)[0];

        bed.Kubectl("scale", "tj", "digits", "--replicas=3");
        TrainsWith(bed, 3);
        bed.Kubectl("scale", "tj", "digits", "--replicas=2");
        TrainsWith(bed, 2);

        Assert.Multiple(() =>
        {
            Assert.That(UidOf(bed, first.Name), Is.EqualTo(first.Uid));
            Assert.That(bed.Status("digits").GetProperty("attempt").GetInt32(), Is.EqualTo(1), "the gang was not started again");
        });
        VerifyLedger(bed);
    }

    [Test]
    public void A_cordoned_node_is_left_without_a_lost_step()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("cordon");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 2, min: 1, max: 2}", epochs: 120));
        TrainsWith(bed, 2);
        var moved = Pods(bed)[^1];

        Shell.Run("kubectl", "cordon", moved.Node);
        try
        {
            bed.Eventually("the worker is on another node", () => Members(bed) is { Count: 2 } now && !now.Contains(moved.Uid) && TrainsOn(bed));
            Assert.That(Pods(bed).Where(p => p.Phase == "Running").Select(p => p.Node), Has.None.EqualTo(moved.Node));
        }
        finally
        {
            Shell.Run("kubectl", "uncordon", moved.Node);
        }
        VerifyLedger(bed);
    }

    [Test]
    public void The_whole_gang_is_suspended_and_goes_on_from_its_checkpoint_with_fewer_workers()
    {
        using var bed = new TestBed("resize");
        bed.Apply(Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 3, min: 1, max: 3}", epochs: 30, every: "1h"));
        TrainsWith(bed, 3);
        bed.Patch("digits", """{"spec":{"suspend":true}}""");
        bed.WaitForPhase("digits", "Suspended");
        Assert.That(Directory.GetDirectories(Path.Combine(bed.Folder, "models"), "g*-s*"), Is.Not.Empty, "SIGTERM wrote a checkpoint");

        bed.Patch("digits", """{"spec":{"suspend":false,"workers":{"replicas":2}}}""");
        TrainsWith(bed, 2);
        bed.WaitForPhase("digits", "Succeeded", 300);
        VerifyLedger(bed, epochs: 30);
    }
}
