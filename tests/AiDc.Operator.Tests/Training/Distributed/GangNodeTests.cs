using AiDc.Api;

namespace AiDc.Operator.Tests.Training.Distributed;

/// <summary>What becomes of distributed gangs when nodes do.</summary>
public sealed class GangNodeTests
{
    [Test]
    public void Pods_of_a_dead_node_are_taken_from_the_API_so_that_nothing_hangs()
    {
        var gang = new GangWorld(3, min: 1).Start().Silence(1).Wait(4);
        Assert.That(gang.World.ForceDeleted, Is.Empty, "its kubelet may live");

        gang.World.Nodes["node-1"] = new("node-1") { DeadFor = TimeSpan.FromSeconds(41) };
        gang.Live();

        Assert.That(gang.World.ForceDeleted, Is.EqualTo(new[] { "digits-worker-1-1" }));
        Assert.That(gang.World.PodNames, Has.None.EqualTo("digits-worker-1-1"));
    }

    [Test]
    public void A_kubelet_that_dies_does_not_take_a_worker_that_speaks_with_it()
    {
        var gang = new GangWorld(2, min: 1).Start();

        gang.World.Nodes["node-1"] = new("node-1") { DeadFor = TimeSpan.FromSeconds(41) };
        gang.Live().Steps(1);

        Assert.That((gang.Status.Workers!.Summary, gang.World.ForceDeleted.Count), Is.EqualTo(("2/2", 0)));
    }

    [Test]
    public void A_deleted_node_takes_its_worker_with_it_at_once()
    {
        var gang = new GangWorld(3, min: 1).Start();

        gang.World.Nodes["node-2"] = new("node-2") { IsDeleted = true };
        gang.Live();

        Assert.That(gang.World.ForceDeleted, Is.EqualTo(new[] { "digits-worker-2-1" }));
        Assert.That((gang.Status.LastFailure!.Reason, gang.Status.CountedRestarts), Is.EqualTo((Reasons.NodeDeleted, 0)));
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 1 }));
        Assert.That(gang.World.Created, Does.Contain("digits-worker-2-1-1"));
    }

    [Test]
    public void A_worker_whose_GPU_was_withdrawn_moves_off_its_node()
    {
        var gang = new GangWorld(2, min: 1, s => s with { Resources = new() { Gpus = 2 } }).Start();

        gang.World.Nodes["node-0"] = new("node-0") { AllocatableGpus = 1, GpusInUse = 2 };
        gang.Live();

        Assert.That(gang.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.GpuWithdrawn).And.Property("Message").Contains("offers 1 GPUs, fewer than the 2 in use"));
        Assert.That(gang.World.LastCreation!.Gang.AvoidedNodes, Is.EqualTo(new[] { "node-0" }));
        Assert.That(gang.Training, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_cordoned_node_is_emptied_one_worker_at_a_time_without_a_lost_step()
    {
        var gang = new GangWorld(3).Start();

        foreach (var node in (string[])["node-0", "node-1"]) gang.World.Nodes[node] = new(node) { IsCordoned = true };
        gang.Live();
        Assert.That(gang.World.Pods.Count(p => p.IsBeingDeleted), Is.EqualTo(1), "the other moves when this one is back");
        gang.Run().Steps(2).Run().Steps(2);
        gang.World.FinishDeletions();
        gang.Run().Steps(2);

        Assert.That(gang.World.Pods.Select(p => p.NodeName), Has.None.EqualTo("node-0").And.None.EqualTo("node-1"));
        Assert.That((gang.Status.Workers!.Summary, gang.Step, gang.Status.Attempt, gang.Status.CountedRestarts), Is.EqualTo(("3/3", 16L, 1, 0)));
    }

    [Test]
    public void An_evicted_worker_is_replaced_and_does_not_count()
    {
        var gang = new GangWorld(3, min: 1).Start();

        gang.World.DeleteGracefully(2);
        gang.Run().Steps(1);
        gang.World.FinishDeletions();
        gang.Run().Steps(1);

        Assert.That((gang.Status.LastFailure!.Reason, gang.Status.CountedRestarts, gang.Status.Workers!.Summary), Is.EqualTo((Reasons.PodDeleted, 0, "3/3")));
        Assert.That(gang.World.PodNames, Does.Contain("digits-worker-2-1-1").And.None.EqualTo("digits-worker-2-1"));
    }

    [Test]
    public void A_replacement_that_waits_for_a_node_is_made_anew_when_one_that_it_avoids_is_good_again()
    {
        var gang = new GangWorld(3, min: 1).Start().Silence(1).Wait(4);
        var waiting = gang.World.Newest(1);
        Assert.That((waiting.Name, waiting.AvoidedNodes), Is.EqualTo(("digits-worker-1-1-1", "node-1")));
        Assert.That(gang.World.LastPlan.RequeueAfter, Is.Not.Null.And.LessThanOrEqualTo(TimeSpan.FromSeconds(5)), "no event tells that a node is good again");

        gang.Wait(70);

        Assert.That(gang.World.Newest(1), Has.Property("Name").EqualTo("digits-worker-1-1-2").And.Property("AvoidedNodes").Null);
        Assert.That(gang.Status.CountedRestarts, Is.Zero);
    }

    [TestCase(null, "Holding")]
    [TestCase(1, "MembersTrain")]
    public void A_volume_that_the_lost_node_still_has_is_named_while_the_replacement_waits_for_it(int? min, string reason)
    {
        var gang = new GangWorld(3, min).Start().Silence(1).Wait(4);
        gang.World.Stick(1, Reasons.VolumeUnavailable, "FailedAttachVolume: Multi-Attach error for volume \"pvc-7\"");
        gang.Live();
        if (min is not null) gang.Steps(1);

        Assert.That(gang.Status.Message, Does.Contain("Multi-Attach error for volume \"pvc-7\""));
        Assert.That(ControllerRuntime.Controllers.ConditionHelper.Find(gang.Status.Conditions, ConditionTypes.Running)!.Reason, Is.EqualTo(reason));
    }

    [Test]
    public void A_replacement_that_never_starts_is_tried_on_another_node()
    {
        var gang = new GangWorld(3, min: 1, s => s with { Failure = new() { StartTimeout = "20s" } }).Start().Silence(1).Wait(4);
        gang.World.Stick(1, Reasons.VolumeUnavailable, "FailedMount: no such device");

        gang.Wait(25);

        Assert.That(gang.World.Newest(1).Name, Is.EqualTo("digits-worker-1-1-2"));
        Assert.That(gang.World.LastCreation!.Gang.AvoidedNodes, Does.Contain("spare-1"));
        Assert.That(gang.Status.Attempt, Is.EqualTo(1));
    }

    [Test]
    public void A_gang_of_own_images_starts_again_elsewhere_when_the_lease_of_a_node_stops()
    {
        var world = new World(Given.Job(2)).Settle().RunAll();

        world.Nodes["node-1"] = new(("node-1")) { DeadFor = TimeSpan.FromSeconds(40) };
        world.Settle();

        Assert.That((world.Status.Attempt, world.Status.LastFailure!.Reason, world.Status.LastFailure.Node, world.Status.CountedRestarts), Is.EqualTo((2, Reasons.NodeLost, "node-1", 0)));
        Assert.That(world.Status.LastFailure.Message, Does.Contain("has not renewed its lease for 40 s"));
        Assert.That(world.ForceDeleted, Is.EqualTo(new[] { "digits-worker-1-1" }));
        world.Pass(TimeSpan.FromSeconds(2));
        Assert.That(world.LastCreation!.Gang.AvoidedNodes, Is.EqualTo(new[] { "node-1" }));
    }

    [Test]
    public void A_worker_of_the_built_in_trainer_that_speaks_outlives_its_kubelet()
    {
        var world = new World(Given.BuiltIn()).Settle().RunAll();
        world.Progress = new(new("team", "digits", "job-uid"), 1) { LastHeardAt = Given.Now };

        world.Nodes["node-0"] = new("node-0") { DeadFor = TimeSpan.FromSeconds(40) };
        Assert.That(world.Settle().Status.Attempt, Is.EqualTo(1));

        Assert.That(world.Pass(TimeSpan.FromSeconds(11)).Status.Attempt, Is.EqualTo(2));
    }
}
