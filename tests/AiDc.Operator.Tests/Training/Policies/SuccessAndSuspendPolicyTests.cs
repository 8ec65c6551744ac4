using AiDc.Api;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class SuccessAndSuspendPolicyTests
{
    [Test]
    public void A_job_has_succeeded_when_all_its_workers_have() =>
        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(status: s => Given.Whole(s, 2)), Given.Succeeded(0), Given.Succeeded(1)))?.Success, Is.True);

    [Test]
    public void Not_while_one_still_runs() =>
        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(status: s => Given.Whole(s, 2)), Given.Succeeded(0), Given.Pod(1))), Is.Null);

    [Test]
    public void Not_by_the_pods_of_an_earlier_attempt() =>
        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(1, status: s => s with { Attempt = 2 }), Given.Succeeded(0, attempt: 1))), Is.Null);

    [Test]
    public void Not_before_anything_was_started() =>
        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(1))), Is.Null);

    [Test]
    public void A_program_that_ends_with_0_because_it_was_asked_to_stop_has_not_succeeded()
    {
        var stopped = Given.Pod(0, phase: PodPhase.Succeeded, deletedAt: Given.Now,
            containers: [new("trainer", false, ContainerPhase.Terminated, "Completed", null, 0, Given.Now)]);

        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(1, status: s => Given.Whole(s, 1)), stopped)), Is.Null);
    }

    [Test]
    public void A_sidecar_that_runs_on_does_not_keep_a_worker_from_succeeding()
    {
        var pod = Given.Pod(0, containers:
        [
            new("trainer", false, ContainerPhase.Terminated, "Completed", null, 0, Given.Now),
            new("sidecar", false, ContainerPhase.Running),
        ]);

        Assert.That(SuccessPolicy.Decide(Given.View(Given.Job(1, status: s => Given.Whole(s, 1)), pod))?.Success, Is.True);
    }

    [Test]
    public void Resuming_is_a_new_attempt_and_no_restart()
    {
        var job = Given.Job(status: s => s with { Attempt = 3, Conditions = [Given.Condition(ConditionTypes.Suspended, true)] });

        var verdict = SuspendPolicy.Resume(Given.View(job))!;

        Assert.That((verdict.Kind, verdict.Delay), Is.EqualTo((AttemptKind.Start, TimeSpan.Zero)));
    }

    [TestCase(true, true)]
    [TestCase(false, false)]
    public void A_job_that_is_not_suspended_is_not_resumed(bool asked, bool suspended)
    {
        var job = Given.Job(spec: s => s with { Suspend = asked }, status: s => s with { Attempt = 1, Conditions = [Given.Condition(ConditionTypes.Suspended, suspended)] });

        Assert.That(SuspendPolicy.Resume(Given.View(job)), Is.Null);
        Assert.That(SuspendPolicy.Decide(Given.View(job)) is not null, Is.EqualTo(asked));
    }
}
