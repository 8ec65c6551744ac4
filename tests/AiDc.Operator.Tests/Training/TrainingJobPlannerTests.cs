using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training;

namespace AiDc.Operator.Tests.Training;

/// <summary>Whole lives of jobs, in memory.</summary>
public sealed class TrainingJobPlannerTests
{
    [Test]
    public void A_gang_is_created_runs_and_succeeds()
    {
        var world = new World(Given.Job(3)).Settle();
        Assert.That(world.PodNames, Is.EqualTo(new[] { "digits-worker-0-1", "digits-worker-1-1", "digits-worker-2-1" }));
        Assert.That((world.Status.Phase, world.Status.Attempt, world.Status.StartTime), Is.EqualTo((TrainingJobPhase.Pending, 1, Given.Now)));

        world.Pass(TimeSpan.FromSeconds(5)).RunAll();
        Assert.That((world.Status.Phase, world.Status.Message, world.Status.Workers!.Summary), Is.EqualTo((TrainingJobPhase.Running, "all 3 workers run", "3/3")));

        world.End(1, 0).End(0, 0).End(2, 0);
        Assert.That((world.Status.Phase, world.Status.CompletionTime, world.Status.RunningTime, world.Status.Restarts),
            Is.EqualTo((TrainingJobPhase.Succeeded, Given.Now.AddSeconds(5), "5s", 0)));
        Assert.That(world.Pods, Has.Count.EqualTo(3), "kept for their logs");
        Assert.That(world.Events.Select(e => e.Reason), Is.EqualTo(new[] { Reasons.GangCreated, Reasons.Running, Reasons.Succeeded }));
    }

    [Test]
    public void The_attempt_is_recorded_in_the_same_plan_and_before_its_pods()
    {
        var plan = TrainingJobPlanner.Plan(Given.Snapshot(Given.Job(2)), Given.Options, Given.Now);

        Assert.That(plan.Status!.Attempt, Is.EqualTo(1));
        Assert.That(plan.Steps.Select(s => s.GetType().Name), Is.EqualTo(new[] { nameof(EnsureMasterService), nameof(CreateWorkers) }));
    }

    [Test]
    public void A_single_worker_needs_no_service()
    {
        var plan = TrainingJobPlanner.Plan(Given.Snapshot(Given.BuiltIn()), Given.Options, Given.Now);

        Assert.That(plan.Steps.Single(), Is.InstanceOf<CreateWorkers>());
    }

    [Test]
    public void A_failed_worker_takes_the_gang_with_it_and_a_new_one_starts_after_the_back_off()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().End(1, 7, "Segmentation fault");

        Assert.That((world.Status.Phase, world.Status.Attempt, world.Status.Restarts, world.Status.CountedRestarts),
            Is.EqualTo((TrainingJobPhase.Recovering, 2, 1, 1)));
        Assert.That(world.Status.LastFailure, Has.Property("Pod").EqualTo("digits-worker-1-1").And.Property("ExitCode").EqualTo(7)
            .And.Property("LogTail").EqualTo("Segmentation fault"));
        Assert.That(world.Pods.Single().IsBeingDeleted, "the one that did not fail");
        Assert.That(world.LastPlan.RequeueAfter, Is.EqualTo(world.Status.NextRetryTime - world.Now));
        Assert.That(world.Status.Message, Does.StartWith("attempt 2 starts at 12:00:").And.Contain("worker 1 on node node-1 failed with exit code 7"));

        world.Pass(TimeSpan.FromSeconds(2));
        Assert.That(world.PodNames, Does.Contain("digits-worker-0-2").And.Contain("digits-worker-1-2"), "though the old one still ends");

        world.FinishDeletions().RunAll();
        Assert.That((world.Status.Phase, world.Status.LastFailure!.ResumedAt), Is.EqualTo((TrainingJobPhase.Running, world.Now)));
        Assert.That(world.Events.Select(e => e.Reason), Is.EqualTo(new[] { Reasons.GangCreated, Reasons.Running, "Error", Reasons.Restarting, Reasons.Running }));
        Assert.That(world.Events[3].Note, Does.Contain("attempt 2 starts in ").And.Contain("restart 1 of 10"));
        Assert.That(world.Events[4].Note, Does.Contain("2s after the failure"));
    }

    [Test]
    public void The_job_fails_after_its_restarts_and_what_still_ran_is_ended()
    {
        var world = new World(Given.Job(2, s => s with { Failure = new() { MaxRestarts = 1 } })).Settle().RunAll();

        world.End(0, 1).Pass(TimeSpan.FromSeconds(2)).FinishDeletions().RunAll().End(1, 3);

        Assert.That((world.Status.Phase, world.Status.Attempt, world.Status.Restarts), Is.EqualTo((TrainingJobPhase.Failed, 2, 1)));
        Assert.That(ConditionHelper.Find(world.Status.Conditions, ConditionTypes.Failed)!.Reason, Is.EqualTo(Reasons.TooManyRestarts));
        Assert.That(world.Pods.Select(p => (p.Name, p.IsBeingDeleted)), Is.EqualTo(new[] { ("digits-worker-0-2", true), ("digits-worker-1-2", false) }));
        Assert.That(world.Status.LastFailure!.ExitCode, Is.EqualTo(3));
    }

    [Test]
    public void A_configuration_error_of_the_built_in_trainer_ends_the_job_at_once()
    {
        var world = new World(Given.BuiltIn()).Settle().RunAll().End(0, 2, "--data /data: no such file");

        Assert.That((world.Status.Phase, world.Status.Restarts, world.Status.LastFailure!.LogTail), Is.EqualTo((TrainingJobPhase.Failed, 0, "--data /data: no such file")));
        Assert.That(world.Created, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_deleted_pod_restarts_the_gang_without_counting()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().Remove(0);

        Assert.That((world.Status.Attempt, world.Status.Restarts, world.Status.CountedRestarts, world.Status.LastFailure!.Reason),
            Is.EqualTo((2, 1, 0, Reasons.PodDeleted)));
    }

    [Test]
    public void A_suspended_job_lets_its_pods_end_and_resumes_with_a_new_attempt_that_is_no_restart()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().Pass(TimeSpan.FromMinutes(5)).Edit(s => s with { Suspend = true });

        Assert.That(world.Pods.Select(p => p.IsBeingDeleted), Is.All.True);
        Assert.That(world.Status.Message, Is.EqualTo("suspending: waiting for 2 pods to write a checkpoint and end"));
        Assert.That(world.Status.Phase, Is.Not.EqualTo(TrainingJobPhase.Suspended));

        world.FinishDeletions();
        Assert.That((world.Status.Phase, world.Status.RunningTime, world.Status.ActiveSince), Is.EqualTo((TrainingJobPhase.Suspended, "5m", (DateTimeOffset?)null)));

        world.Pass(TimeSpan.FromDays(3)).Edit(s => s with { Suspend = false });
        Assert.That((world.Status.Attempt, world.Status.Restarts, world.Status.ActiveSince), Is.EqualTo((2, 0, world.Now)));
        Assert.That(world.PodNames, Is.EqualTo(new[] { "digits-worker-0-2", "digits-worker-1-2" }));
        Assert.That(world.Events.Select(e => e.Reason),
            Is.EqualTo(new[] { Reasons.GangCreated, Reasons.Running, Reasons.Suspending, Reasons.Suspended, Reasons.Resumed }));
    }

    [Test]
    public void A_job_resumed_while_its_pods_still_end_waits_for_their_checkpoint()
    {
        var world = new World(Given.Job(1)).Settle().RunAll().Edit(s => s with { Suspend = true }).Edit(s => s with { Suspend = false });

        Assert.That((world.Status.Attempt, world.Created.Count), Is.EqualTo((2, 1)));
        Assert.That(world.Status.Message, Does.Contain("waiting for 1 pod of attempt 1"));

        world.FinishDeletions();
        Assert.That(world.Created, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_job_created_suspended_makes_no_pod()
    {
        var world = new World(Given.Job(2, s => s with { Suspend = true })).Settle();

        Assert.That((world.Status.Phase, world.Created.Count, world.Status.Attempt), Is.EqualTo((TrainingJobPhase.Suspended, 0, 0)));

        world.Edit(s => s with { Suspend = false });
        Assert.That((world.Status.Attempt, world.Created.Count, world.Status.StartTime), Is.EqualTo((1, 2, world.Now)));
    }

    [Test]
    public void A_job_whose_workers_end_well_when_asked_to_stop_is_suspended_and_not_succeeded()
    {
        var world = new World(Given.Job(1)).Settle().RunAll().Edit(s => s with { Suspend = true }).FinishDeletions();

        Assert.That(world.Status.Phase, Is.EqualTo(TrainingJobPhase.Suspended));
    }

    [Test]
    public void An_invalid_job_makes_no_pod_says_why_and_starts_once_it_is_fixed()
    {
        var world = new World(Given.Job(2, s => s with { Workers = new() { Replicas = 0 } })).Settle();

        var valid = ConditionHelper.Find(world.Status.Conditions, ConditionTypes.Valid)!;
        Assert.That((valid.Status, world.Status.Phase, world.Created.Count), Is.EqualTo(("False", TrainingJobPhase.Pending, 0)));
        Assert.That(valid.Message, Does.Contain("spec.workers.replicas"));
        Assert.That(world.Status.Message, Does.StartWith("invalid: spec.workers.replicas"));

        world.Edit(s => s with { Workers = new() { Replicas = 2 } });
        Assert.That(world.Created, Has.Count.EqualTo(2));
        Assert.That(ConditionHelper.IsTrue(world.Status.Conditions, ConditionTypes.Valid));
    }

    [Test]
    public void An_edit_that_is_invalid_leaves_what_runs_alone()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().Edit(s => s with { Workers = new() { Replicas = 0 } });

        Assert.That((world.Status.Phase, world.Status.Attempt, world.Pods.Count), Is.EqualTo((TrainingJobPhase.Running, 1, 2)));
        Assert.That(world.Status.Message, Does.StartWith("all 2 workers run, by the spec before; the present one is invalid"));
    }

    [Test]
    public void An_edit_restarts_the_gang_after_its_checkpoint_and_does_not_count()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().Edit(s => s with { Workers = new() { Replicas = 3 } });
        Assert.That((world.Status.Attempt, world.Status.Restarts, world.Status.CountedRestarts, world.Created.Count), Is.EqualTo((2, 1, 0, 2)));
        Assert.That(world.Pods.Select(p => p.IsBeingDeleted), Is.All.True);

        world.FinishDeletions().RunAll();
        Assert.That((world.Status.Phase, world.Status.Workers!.Summary), Is.EqualTo((TrainingJobPhase.Running, "3/3")));
        Assert.That(world.Status.LastFailure, Is.Null);
    }

    [Test]
    public void A_gang_that_does_not_start_in_time_is_released_and_tried_again()
    {
        var world = new World(Given.Job(2, s => s with { Failure = new() { StartTimeout = "2m" } })).Settle();
        Assert.That(world.LastPlan.RequeueAfter, Is.EqualTo(TimeSpan.FromMinutes(2)));

        world.Pass(TimeSpan.FromMinutes(2));
        Assert.That((world.Status.Phase, world.Status.Attempt, world.Status.CountedRestarts), Is.EqualTo((TrainingJobPhase.Pending, 2, 0)));
        Assert.That(world.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.StartTimeout).And.Property("Message").Contains("waiting for the scheduler"));
        Assert.That(world.Pods.Select(p => p.IsBeingDeleted), Is.All.True);

        world.FinishDeletions().Pass(TimeSpan.FromSeconds(2)).RunAll();
        Assert.That((world.Status.Phase, world.Status.FailuresInRow), Is.EqualTo((TrainingJobPhase.Running, 1)));
    }

    [Test]
    public void A_job_beyond_its_deadline_fails_and_its_pods_end()
    {
        var world = new World(Given.Job(1, s => s with { ActiveDeadline = "1h" })).Settle().RunAll();
        Assert.That(world.LastPlan.RequeueAfter, Is.EqualTo(TimeSpan.FromHours(1)));

        world.Pass(TimeSpan.FromHours(1));
        Assert.That((world.Status.Phase, world.Pods.Single().IsBeingDeleted), Is.EqualTo((TrainingJobPhase.Failed, true)));
        Assert.That(world.Events[^1].Reason, Is.EqualTo(Reasons.DeadlineExceeded));
    }

    [Test]
    public void A_finished_job_is_deleted_after_its_time()
    {
        var world = new World(Given.Job(1, s => s with { TtlAfterFinished = "1h" })).Settle().RunAll().End(0, 0);
        Assert.That(world.LastPlan.RequeueAfter, Is.EqualTo(TimeSpan.FromHours(1)));

        Assert.That(world.Pass(TimeSpan.FromHours(1)).JobIsDeleted);
    }

    [Test]
    public void A_finished_job_stays_as_it_is_whatever_is_edited()
    {
        var world = new World(Given.Job(1)).Settle().RunAll().End(0, 0);
        var before = world.Status;

        world.Edit(s => s with { Suspend = true, Workers = new() { Replicas = 9 } });

        Assert.That((world.Status.Phase, world.Status.CompletionTime, world.Created.Count), Is.EqualTo((before.Phase, before.CompletionTime, 1)));
    }

    [Test]
    public void A_job_that_is_being_deleted_is_left_to_the_garbage_collector()
    {
        var job = Given.Job(2);
        job.Metadata.DeletionTimestamp = Given.Now.UtcDateTime;

        Assert.That(TrainingJobPlanner.Plan(Given.Snapshot(job), Given.Options, Given.Now), Is.SameAs(TrainingPlan.Nothing));
    }

    [Test]
    public void A_job_whose_status_was_lost_starts_after_the_attempts_that_are_still_seen()
    {
        var plan = TrainingJobPlanner.Plan(Given.Snapshot(Given.Job(1), Given.Pod(0, attempt: 7)), Given.Options, Given.Now);

        Assert.That(plan.Status!.Attempt, Is.EqualTo(8));
        Assert.That(plan.Steps.OfType<DeletePod>().Single().Name, Is.EqualTo("digits-worker-0-7"));
    }

    [Test]
    public void While_the_coordinator_cannot_be_told_no_pod_is_made_and_all_else_goes_on()
    {
        var fresh = TrainingJobPlanner.Plan(Given.Snapshot(Given.Job(1)), Given.Options, Given.Now, linkProblem: "its Secret is wrong");
        Assert.That((fresh.Steps.Count, fresh.Status!.Message, fresh.RequeueAfter), Is.EqualTo((0, "its Secret is wrong", TimeSpan.FromSeconds(2))));

        var running = Given.Snapshot(Given.Job(1, status: s => Given.Whole(s, 1)), Given.Succeeded(0));
        Assert.That(TrainingJobPlanner.Plan(running, Given.Options, Given.Now, linkProblem: "its Secret is wrong").Status!.Phase, Is.EqualTo(TrainingJobPhase.Succeeded));
    }

    [Test]
    public void A_refusal_of_the_server_is_told_and_tried_again()
    {
        var world = new World(Given.Job(2)) { Refusal = new(1, Reasons.QuotaExceeded, "pods \"x\" is forbidden: exceeded quota: small", 1, Given.Now.AddSeconds(1)) }.Settle();

        Assert.That(world.Status.Message, Is.EqualTo("0 of 2 pods created: pods \"x\" is forbidden: exceeded quota: small"));
        Assert.That(world.Events.Select(e => e.Reason), Does.Contain(Reasons.GangCreated));
        Assert.That(world.LastPlan.RequeueAfter, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(world.Created, Is.Empty);

        world.Pass(TimeSpan.FromSeconds(1));
        Assert.That(world.Created, Has.Count.EqualTo(2));
    }

    [Test]
    public void What_the_server_finds_wrong_with_the_pods_makes_the_job_invalid()
    {
        var world = new World(Given.Job(1)) { Refusal = new(1, Reasons.PodRejected, "Pod \"x\" is invalid: spec.containers[0].image: Required value", 1, Given.Now.AddSeconds(9)) }.Settle();

        Assert.That(ConditionHelper.Find(world.Status.Conditions, ConditionTypes.Valid), Has.Property("Status").EqualTo("False")
            .And.Property("Message").StartsWith("spec.template: ").And.Property("Message").Contains("image: Required value"));
    }

    [Test]
    public void A_plan_that_nothing_follows_from_writes_nothing()
    {
        var world = new World(Given.Job(2)).Settle().RunAll().Pass(TimeSpan.FromMinutes(1));

        Assert.That((world.LastPlan.Status, world.LastPlan.Steps.Count), Is.EqualTo(((TrainingJobStatus?)null, 0)));
    }
}
