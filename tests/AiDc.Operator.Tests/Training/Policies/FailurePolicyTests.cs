using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class FailurePolicyTests
{
    [Test]
    public void A_gang_without_failures_is_left_alone() =>
        Assert.That(Decide(Given.Pod(0), Given.Pod(1)), Is.Null);

    [Test]
    public void One_failed_worker_restarts_the_whole_gang_and_counts()
    {
        var verdict = (NewAttempt)Decide(Given.Pod(0), Given.Failed(1, exitCode: 7))!;

        Assert.That(verdict.Kind, Is.EqualTo(AttemptKind.CountedRestart));
        Assert.That(verdict.FailuresInRow, Is.EqualTo(1));
        Assert.That(verdict.Delay, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(verdict.Failure, Is.EqualTo(new FailureStatus
        {
            Worker = 1,
            Pod = "digits-worker-1-1",
            Node = "node-1",
            ExitCode = 7,
            Reason = "Error",
            Message = "worker 1 on node node-1 failed with exit code 7",
            Attempt = 1,
            DetectedAt = Given.Now,
        }));
    }

    [Test]
    public void The_last_lines_of_the_log_are_kept() =>
        Assert.That(Failure(Decide(Given.Failed(0, log: "step 1\nValueError: nan\n")))!.LogTail, Is.EqualTo("step 1\nValueError: nan"));

    [Test]
    public void The_worker_that_ended_first_is_named()
    {
        var failure = Failure(Decide(Given.Failed(0, exitCode: 1, secondsAgo: 1), Given.Failed(1, exitCode: 9, secondsAgo: 5)))!;

        Assert.That((failure.Worker, failure.ExitCode), Is.EqualTo((1, 9)));
    }

    [Test]
    public void Within_one_second_a_failure_that_has_a_rule_comes_before_its_consequences()
    {
        var job = Running(2, s => s with { Failure = new() { Rules = [new() { ExitCodes = [42], Action = FailureAction.Fail }] } });

        var verdict = FailurePolicy.Decide(Given.View(job, Given.Failed(0, exitCode: 1), Given.Failed(1, exitCode: 42)));

        Assert.That(verdict, Is.InstanceOf<Finish>());
        Assert.That(Failure(verdict)!.Worker, Is.EqualTo(1));
    }

    [Test]
    public void A_rule_can_fail_the_job_at_once()
    {
        var job = Running(1, s => s with { Failure = new() { Rules = [new() { ExitCodes = [3, 42], Action = FailureAction.Fail }] } });

        var verdict = (Finish)FailurePolicy.Decide(Given.View(job, Given.Failed(0, exitCode: 42)))!;

        Assert.That((verdict.Success, verdict.Reason), Is.EqualTo((false, Reasons.FailureRule)));
        Assert.That(verdict.Message, Does.Contain("spec.failure.rules").And.Contain("42"));
    }

    [Test]
    public void A_rule_can_forgive_a_failure_however_often()
    {
        var job = Running(1, s => s with { Failure = new() { MaxRestarts = 0, Rules = [new() { ExitCodes = [75], Action = FailureAction.Restart }] } });

        var verdict = (NewAttempt)FailurePolicy.Decide(Given.View(job, Given.Failed(0, exitCode: 75)))!;

        Assert.That(verdict.Kind, Is.EqualTo(AttemptKind.Restart));
    }

    [Test]
    public void The_first_rule_that_has_the_code_decides()
    {
        var job = Running(1, s => s with
        {
            Failure = new()
            {
                Rules = [new() { ExitCodes = [5], Action = FailureAction.Restart }, new() { ExitCodes = [5], Action = FailureAction.Fail }],
            },
        });

        Assert.That(FailurePolicy.Decide(Given.View(job, Given.Failed(0, exitCode: 5))), Is.InstanceOf<NewAttempt>());
    }

    [TestCase(0, 0, true)]
    [TestCase(2, 1, false)]
    [TestCase(2, 2, true)]
    public void The_job_fails_when_its_restarts_are_used_up(int maxRestarts, int used, bool fails)
    {
        var job = Running(1, s => s with { Failure = new() { MaxRestarts = maxRestarts } }, s => s with { CountedRestarts = used });

        var verdict = FailurePolicy.Decide(Given.View(job, Given.Failed(0)));

        Assert.That(verdict is Finish { Reason: Reasons.TooManyRestarts }, Is.EqualTo(fails));
    }

    [Test]
    public void The_built_in_trainer_is_never_restarted_after_a_configuration_error()
    {
        var job = Given.BuiltIn(s => s with { Failure = new() { Rules = [new() { ExitCodes = [2], Action = FailureAction.Restart }] } }, s => Given.Whole(s, 1));

        var verdict = FailurePolicy.Decide(Given.View(job, Given.Failed(0, exitCode: 2, log: "/data/labels.idx: wrong magic number")));

        Assert.That(verdict, Is.InstanceOf<Finish>().With.Property(nameof(Finish.Reason)).EqualTo(Reasons.ConfigurationError));
        Assert.That(Failure(verdict)!.LogTail, Does.Contain("wrong magic number"));
    }

    [Test]
    public void Exit_code_2_of_an_own_image_is_a_failure_like_any_other() =>
        Assert.That(Decide(Given.Failed(0, exitCode: 2)), Is.InstanceOf<NewAttempt>());

    [Test]
    public void Out_of_memory_is_called_so()
    {
        var failure = Failure(Decide(Given.Failed(0, exitCode: 137, reason: "OOMKilled")))!;

        Assert.That((failure.Reason, failure.ExitCode), Is.EqualTo((Reasons.OutOfMemory, 137)));
        Assert.That(failure.Message, Does.Contain("out of memory"));
    }

    [Test]
    public void A_pod_that_somebody_deletes_restarts_the_gang_at_once_and_does_not_count()
    {
        var verdict = (NewAttempt)Decide(Given.Pod(0, deletedAt: Given.Now.AddSeconds(30)), Given.Pod(1))!;

        Assert.That((verdict.Kind, verdict.Failure!.Reason), Is.EqualTo((AttemptKind.Restart, Reasons.PodDeleted)));
    }

    [Test]
    public void A_pod_that_is_gone_was_deleted_if_the_gang_was_whole_before()
    {
        var verdict = (NewAttempt)Decide(Given.Pod(0))!;

        Assert.That((verdict.Failure!.Worker, verdict.Failure.Reason, verdict.Failure.Pod, verdict.Failure.Node),
            Is.EqualTo((1, Reasons.PodDeleted, "digits-worker-1-1", "node-1")));
    }

    [Test]
    public void A_pod_that_is_missing_before_the_gang_was_whole_has_not_been_created_yet()
    {
        var job = Given.Job(2, status: s => s with { Attempt = 1 });

        Assert.That(FailurePolicy.Decide(Given.View(job, Given.Pod(0))), Is.Null);
    }

    [Test]
    public void A_pod_taken_away_is_the_cause_of_its_peers_crash()
    {
        var failure = Failure(Decide(Given.Failed(0, secondsAgo: 2), Given.Pod(1, deletedAt: Given.Now)))!;

        Assert.That((failure.Worker, failure.Reason), Is.EqualTo((1, Reasons.PodDeleted)));
    }

    [TestCase("NodeLost", null, Reasons.NodeLost, false)]
    [TestCase("Evicted", null, Reasons.Evicted, true)]
    [TestCase("Evicted", "TerminationByKubelet", Reasons.Evicted, false)]
    [TestCase(null, "EvictionByEvictionAPI", Reasons.Evicted, false)]
    [TestCase(null, "PreemptionByScheduler", Reasons.Preempted, false)]
    [TestCase(null, "DeletionByTaintManager", Reasons.NodeLost, false)]
    [TestCase("Shutdown", null, Reasons.NodeShutdown, false)]
    [TestCase("OutOfcpu", null, "OutOfcpu", false)]
    [TestCase("UnexpectedAdmissionError", null, "UnexpectedAdmissionError", false)]
    [TestCase("DeadlineExceeded", null, "DeadlineExceeded", true)]
    public void What_the_cluster_does_to_a_pod_is_named_and_counts_only_if_the_pod_brought_it_on_itself(
        string? podReason, string? disruption, string reason, bool counts)
    {
        var pod = Given.Pod(0, phase: PodPhase.Failed, reason: podReason, message: "the words of the cluster", containers: [],
            disruption: disruption is null ? null : new(disruption, "the words of the cluster"));

        var verdict = (NewAttempt)FailurePolicy.Decide(Given.View(Running(1), pod))!;

        Assert.That((verdict.Failure!.Reason, verdict.Kind == AttemptKind.CountedRestart), Is.EqualTo((reason, counts)));
        Assert.That(verdict.Failure.Message, Does.Contain("the words of the cluster"));
    }

    [Test]
    public void A_failed_init_container_is_named()
    {
        var pod = Given.Pod(0, phase: PodPhase.Failed, containers:
        [
            new("fetch", true, ContainerPhase.Terminated, "Error", "no route to host", 4, Given.Now),
            new("trainer", false, ContainerPhase.Waiting, "PodInitializing"),
        ]);

        var failure = Failure(FailurePolicy.Decide(Given.View(Running(1), pod)))!;

        Assert.That((failure.ExitCode, failure.LogTail), Is.EqualTo((4, "no route to host")));
        Assert.That(failure.Message, Does.Contain("init container fetch"));
    }

    [Test]
    public void A_worker_fails_with_its_own_container_whatever_its_sidecars_do()
    {
        var crashed = Given.Pod(0, containers:
        [
            new("trainer", false, ContainerPhase.Terminated, "Error", null, 1, Given.Now),
            new("sidecar", false, ContainerPhase.Running),
        ]);
        var healthy = Given.Pod(0, containers:
        [
            new("trainer", false, ContainerPhase.Running),
            new("sidecar", false, ContainerPhase.Terminated, "Error", null, 1, Given.Now),
        ]);

        Assert.That(FailurePolicy.Decide(Given.View(Running(1), crashed)), Is.InstanceOf<NewAttempt>());
        Assert.That(FailurePolicy.Decide(Given.View(Running(1), healthy)), Is.Null);
    }

    private static Verdict? Decide(params ObservedPod[] pods)
    {
        var size = Math.Max(pods.Length, pods.Max(p => p.Index) + 1);
        return FailurePolicy.Decide(Given.View(Running(size == 1 && pods[0].Phase == PodPhase.Running ? 2 : size), pods));
    }

    private static TrainingJob Running(
        int replicas, Func<TrainingJobSpec, TrainingJobSpec>? spec = null, Func<TrainingJobStatus, TrainingJobStatus>? status = null) =>
        Given.Job(replicas, spec, s => status is null ? Given.Whole(s, replicas) : status(Given.Whole(s, replicas)));

    private static FailureStatus? Failure(Verdict? verdict) => verdict switch
    {
        NewAttempt attempt => attempt.Failure,
        Finish finish => finish.Failure,
        _ => null,
    };
}
