using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;

namespace AiDc.Operator.Tests.Training.Distributed;

/// <summary>Whole lives of distributed gangs, in memory.</summary>
public sealed class GangLifeTests
{
    [Test]
    public void A_gang_forms_its_group_trains_and_succeeds_when_its_members_have_ended_with_a_result()
    {
        var gang = new GangWorld(3);
        gang.World.Settle();
        Assert.That(gang.World.LastCreation!.Indexes, Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That((gang.Status.Phase, gang.Status.Membership), Is.EqualTo((TrainingJobPhase.Pending, (MembershipStatus?)null)));

        gang.Run().Steps(5);
        Assert.That((gang.Status.Phase, gang.Status.Message), Is.EqualTo((TrainingJobPhase.Running, "all 3 workers train (generation 1)")));
        Assert.That((gang.Status.Workers!.Summary, gang.Status.Workers.Generation, gang.Status.Membership!.FirstStep), Is.EqualTo(("3/3", 1L, 1L)));

        gang.World.End(1, 0).End(0, 0, """{"result":{"uri":"/checkpoint/model","metrics":{"testAccuracy":0.99}}}""");
        Assert.That(gang.Status.Phase, Is.EqualTo(TrainingJobPhase.Running), "one has not ended yet");
        gang.World.End(2, 0);
        Assert.That((gang.Status.Phase, gang.Status.Result!.Uri, gang.Status.Attempt, gang.Status.Replacements?.Count), Is.EqualTo((TrainingJobPhase.Succeeded, "pvc://models/digits/model", 1, (int?)null)));
        Assert.That(gang.World.Created, Has.Count.EqualTo(3), "nobody who ended at the end was replaced");
    }

    [Test]
    public void An_elastic_gang_goes_on_without_a_silent_worker_and_takes_its_replacement_in()
    {
        var gang = new GangWorld(3, min: 2).Start().Silence(1).Wait(2);
        Assert.That(gang.Status.Membership!.Generation, Is.EqualTo(1), "not yet lost");

        gang.Wait(2);
        Assert.That((gang.Status.Membership!.Generation, gang.Status.Attempt, gang.Status.Restarts), Is.EqualTo((2L, 1, 0)));
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 2 }));
        Assert.That(gang.World.PodNames, Does.Contain("digits-worker-1-1-1"));
        Assert.That(gang.World.LastCreation!.Gang.AvoidedNodes, Is.EqualTo(new[] { "node-1" }));
        Assert.That(gang.World.Pods.Single(p => p.Name == "digits-worker-1-1").IsBeingDeleted);

        gang.Steps(3);
        var failure = gang.Status.LastFailure!;
        Assert.That((failure.Worker, failure.Pod, failure.Node, failure.Reason, failure.LostSteps), Is.EqualTo(((int?)1, "digits-worker-1-1", "node-1", Reasons.WorkerSilent, (long?)0)));
        Assert.That(failure.ResumedAt, Is.GreaterThan(failure.DetectedAt!.Value));
        Assert.That((gang.Status.Phase, gang.Status.Workers!.Summary), Is.EqualTo((TrainingJobPhase.Running, "2/3")));
        Assert.That(gang.Status.Message, Does.StartWith("2 of 3 workers train (generation 2)"));

        gang.Run().Steps(3);
        Assert.That((gang.Status.Workers!.Summary, gang.Status.Message), Is.EqualTo(("3/3", "all 3 workers train (generation 3)")));
        Assert.That(gang.Step, Is.EqualTo(16), "no step was done twice");
        Assert.That(gang.Status.CountedRestarts, Is.Zero, "a lost node is no fault of the job");
        Assert.That(gang.World.Events.Select(e => e.Reason), Is.SupersetOf(new[] { Reasons.WorkerSilent, Reasons.WorkerReplaced, Reasons.MembershipChanged, Reasons.Running }));
    }

    [Test]
    public void A_worker_that_crashes_again_waits_longer_and_after_a_long_healthy_run_as_at_first()
    {
        var gang = new GangWorld(3, min: 1).Start();
        double CrashAgain()
        {
            gang.Crash(2).Wait(1.2);
            gang.World.End(2, 1);
            var wait = (gang.Status.Replacements!.Single(r => r.Index == 2).NotBefore!.Value - gang.World.Now).TotalSeconds;
            gang.Wait(wait + 0.5).Run().Steps(2);
            return wait;
        }

        Assert.That(CrashAgain(), Is.InRange(0.8, 1.2));
        Assert.That(CrashAgain(), Is.InRange(1.6, 2.4));
        Assert.That(CrashAgain(), Is.InRange(3.2, 4.8));
        Assert.That(gang.Status.Replacements!.Single(r => r.Index == 2).FailuresInRow, Is.EqualTo(3));

        gang.Train(11);
        Assert.That(CrashAgain(), Is.InRange(0.8, 1.2), "it has trained for longer than ten minutes");
        Assert.That(CrashAgain(), Is.InRange(1.6, 2.4));
    }

    [Test]
    public void The_result_is_kept_when_the_pod_that_wrote_it_goes_before_the_others_have_ended()
    {
        var gang = new GangWorld(3).Start();

        gang.World.End(0, 0, """{"result":{"uri":"/checkpoint/model","metrics":{"testAccuracy":0.99}}}""").Remove(0);

        Assert.That((gang.Status.Phase, gang.Status.Result!.Uri), Is.EqualTo((TrainingJobPhase.Succeeded, "pvc://models/digits/model")));
        Assert.That(gang.World.Created, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_crash_is_explained_by_its_kubelet_counts_once_and_replaces_only_the_worker()
    {
        var gang = new GangWorld(3, min: 1).Start().Crash(2).Wait(1.2);
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 1 }), "the others do not wait for the kubelet");
        Assert.That(gang.World.Created, Has.Count.EqualTo(3), "the replacement does: there may be an exit code that ends the job");

        gang.World.End(2, 139, "Segmentation fault");
        Assert.That((gang.Status.LastFailure!.ExitCode, gang.Status.LastFailure.LogTail, gang.Status.CountedRestarts), Is.EqualTo(((int?)139, "Segmentation fault", 1)));
        gang.Wait(3);
        Assert.That(gang.World.Created, Does.Contain("digits-worker-2-1-1"));
        gang.Run().Steps(1);
        Assert.That((gang.Status.Workers!.Summary, gang.Status.Attempt, gang.Status.CountedRestarts, gang.Status.AvoidedNodes), Is.EqualTo(("3/3", 1, 1, (object?)null)));
    }

    [TestCase(2, Reasons.ConfigurationError)]
    [TestCase(4, Reasons.Diverged)]
    public void An_exit_code_that_trying_again_does_not_mend_ends_the_job(int exitCode, string reason)
    {
        var gang = new GangWorld(2, min: 1).Start();

        gang.World.End(1, exitCode, "loss is NaN at step 11");

        Assert.That((gang.Status.Phase, ConditionHelper.Find(gang.Status.Conditions, ConditionTypes.Failed)?.Reason), Is.EqualTo((TrainingJobPhase.Failed, reason)));
        Assert.That(gang.World.Pods.Single(p => p.Index == 0).IsBeingDeleted, "what ran is ended");
    }

    [Test]
    public void A_worker_that_runs_out_of_memory_is_said_to_with_its_limit_and_not_tried_for_ever()
    {
        var gang = new GangWorld(2, min: 1, s => s with { Resources = new() { Memory = "2Gi" }, Failure = new() { MaxRestarts = 2 } }).Start();

        for (var i = 0; i < 3; i++)
        {
            gang.World.End(1, 137, reason: Reasons.OutOfMemory);
            gang.Wait(10).Run().Steps(1);
        }

        Assert.That((gang.Status.Phase, gang.Status.CountedRestarts), Is.EqualTo((TrainingJobPhase.Failed, 2)));
        Assert.That(gang.Status.LastFailure!.Message, Does.Contain("out of memory").And.Contain("2Gi").And.Contain("exit code 137"));
    }

    [Test]
    public void A_rigid_gang_holds_its_state_until_the_replacement_is_there()
    {
        var gang = new GangWorld(3).Start().Silence(0).Wait(4);

        Assert.That((gang.Status.Phase, gang.Training.Any()), Is.EqualTo((TrainingJobPhase.Recovering, false)));
        Assert.That(gang.Status.Membership!.Hold, Is.Not.Null);
        Assert.That(ConditionHelper.Find(gang.Status.Conditions, ConditionTypes.Running), Has.Property("Status").EqualTo("False").And.Property("Reason").EqualTo(Reasons.Holding));

        gang.Run().Steps(2);
        Assert.That((gang.Status.Phase, gang.Step, gang.Status.Attempt, gang.Status.LastFailure!.LostSteps), Is.EqualTo((TrainingJobPhase.Running, 12L, 1, (long?)0)));
    }

    [Test]
    public void A_gang_that_holds_for_too_long_writes_a_checkpoint_and_is_released()
    {
        var gang = new GangWorld(3, spec: s => s with { Failure = new() { HoldAfterLoss = "1m" } }).Start().Silence(0).Wait(4);
        gang.Wait(30);
        Assert.That(gang.Status.Attempt, Is.EqualTo(1));

        gang.Wait(31);
        Assert.That((gang.Status.Attempt, gang.Status.LastFailure!.Reason, gang.Status.Phase), Is.EqualTo((2, Reasons.HeldTooLong, TrainingJobPhase.Recovering)));
        Assert.That(gang.World.Pods.Where(p => p.Phase == Operator.Pods.PodPhase.Running).Select(p => p.IsBeingDeleted), Is.All.True);
        Assert.That(gang.World.Pods.Select(p => p.Attempt), Is.All.EqualTo(1), "they wait for the checkpoint");

        gang.World.FinishDeletions().Pass(TimeSpan.FromSeconds(10));
        Assert.That(gang.World.PodNames, Is.EqualTo(new[] { "digits-worker-0-2", "digits-worker-1-2", "digits-worker-2-2" }));
    }

    [Test]
    public void When_nobody_is_left_with_the_state_the_gang_starts_again_from_its_checkpoint()
    {
        var gang = new GangWorld(2, min: 1).Start().Silence(0).Silence(1).Wait(6);

        Assert.That((gang.Status.Attempt, gang.Status.Restarts, gang.Status.CountedRestarts, gang.Status.LastFailure!.Step), Is.EqualTo((2, 1, 0, (long?)10)));
        gang.Wait(5).Run().Steps(4);
        Assert.That((gang.Status.Phase, gang.Status.Membership!.Generation), Is.EqualTo((TrainingJobPhase.Running, 3L)), "generations rise over attempts");
        Assert.That(gang.Status.LastFailure, Has.Property("LostSteps").EqualTo(10).And.Property("ResumedAt").Not.Null);
    }

    [Test]
    public void A_running_gang_is_resized_without_a_restart()
    {
        var gang = new GangWorld(2, min: 1).Start();

        gang.World.Edit(s => s with { Workers = s.Workers with { Replicas = 4 } });
        Assert.That(gang.World.Pods.Count(p => p.Phase == Operator.Pods.PodPhase.Pending), Is.EqualTo(2));
        gang.Run().Steps(1);
        Assert.That((gang.Status.Workers!.Summary, gang.Status.Attempt, gang.Status.Restarts, gang.Step), Is.EqualTo(("4/4", 1, 0, 11L)));

        gang.World.Edit(s => s with { Workers = s.Workers with { Replicas = 1 } });
        gang.Live().Steps(1);
        Assert.That(gang.World.Pods.Where(p => p.Index > 0).Select(p => p.IsBeingDeleted), Is.All.True);
        Assert.That((gang.Status.Workers!.Summary, gang.Status.Attempt, gang.Step), Is.EqualTo(("1/1", 1, 12L)));
        Assert.That(gang.World.Events.Count(e => e.Reason == Reasons.Resized), Is.EqualTo(2));
    }

    [Test]
    public void A_rigid_gang_is_resized_as_well()
    {
        var gang = new GangWorld(2).Start();

        gang.World.Edit(s => s with { Workers = s.Workers with { Replicas = 3 } });
        gang.Steps(1).Run().Steps(1);

        Assert.That((gang.Status.Workers!.Summary, gang.Status.Attempt, gang.Step), Is.EqualTo(("3/3", 1, 12L)));
    }

    [Test]
    public void An_edit_of_what_pods_are_made_from_restarts_it_after_its_checkpoint()
    {
        var gang = new GangWorld(2).Start();

        gang.World.Edit(s => s with { Trainer = s.Trainer! with { Epochs = 99 } });

        Assert.That((gang.Status.Attempt, gang.Status.Membership!.Hold is not null), Is.EqualTo((2, true)));
        Assert.That(gang.World.Pods.Select(p => p.IsBeingDeleted), Is.All.True);
    }

    [Test]
    public void A_suspended_gang_is_told_that_it_ends_so_that_its_writer_does_not_wait()
    {
        var gang = new GangWorld(2).Start();

        gang.World.Edit(s => s with { Suspend = true });
        gang.Live();

        Assert.That(gang.Status.Membership!.Hold, Is.Not.Null);
        Assert.That(gang.World.Created, Has.Count.EqualTo(2), "nobody is replaced");
        gang.World.FinishDeletions();
        Assert.That(gang.Status.Phase, Is.EqualTo(TrainingJobPhase.Suspended));
    }

    [Test]
    public void An_operator_that_dies_after_writing_is_followed_by_one_that_neither_counts_nor_replaces_twice()
    {
        var gang = new GangWorld(3, min: 1).Start().Crash(1).Wait(1.2);
        gang.World.EndUnseen(1, 1).DieAfterStatus();
        Assert.That((gang.Status.CountedRestarts, gang.Status.Replacements!.Single().Incarnation), Is.EqualTo((1, 1)));

        gang.World.Settle();
        gang.Wait(3).Run().Steps(1);

        Assert.That((gang.Status.CountedRestarts, gang.Status.Workers!.Summary), Is.EqualTo((1, "3/3")));
        Assert.That(gang.World.Created, Is.EqualTo(new[] { "digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1", "digits-worker-1-1-1" }));
    }
}
