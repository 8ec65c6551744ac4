using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class StartTimeoutPolicyTests
{
    private static readonly PodNotice NoGpus = new("Unschedulable", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.");

    [Test]
    public void A_gang_of_which_a_part_waits_for_too_long_is_released_and_says_which_and_why()
    {
        var verdict = StartTimeoutPolicy.Decide(Given.ViewAt(Given.Now.AddMinutes(10), Job(), Given.Pod(0), Given.Pending(1, unschedulable: NoGpus)))!;

        Assert.That(verdict.Kind, Is.EqualTo(AttemptKind.Restart), "waiting for room is not the job's fault");
        Assert.That((verdict.Failure!.Reason, verdict.Failure.Worker, verdict.Failure.Pod), Is.EqualTo((Reasons.StartTimeout, 1, "digits-worker-1-1")));
        Assert.That(verdict.Failure.Message, Does.StartWith("1 of 2 workers ran within spec.failure.startTimeout (10m): ").And.Contain(NoGpus.Message));
    }

    [Test]
    public void Until_then_it_is_waited_for() =>
        Assert.That(StartTimeoutPolicy.Decide(Given.ViewAt(Given.Now.AddMinutes(9.9), Job(), Given.Pod(0), Given.Pending(1))), Is.Null);

    [Test]
    public void The_remaining_time_is_known() =>
        Assert.That(StartTimeoutPolicy.Remaining(Given.ViewAt(Given.Now.AddMinutes(4), Job(), Given.Pod(0), Given.Pending(1))), Is.EqualTo(TimeSpan.FromMinutes(6)));

    [Test]
    public void A_gang_that_runs_has_no_start_timeout() =>
        Assert.That(StartTimeoutPolicy.Remaining(Given.View(Job(), Given.Pod(0), Given.Succeeded(1))), Is.Null);

    [Test]
    public void A_gang_that_holds_nothing_has_nothing_to_release() =>
        Assert.That(StartTimeoutPolicy.Remaining(Given.ViewAt(Given.Now.AddDays(1), Job())), Is.Null);

    [Test]
    public void The_time_that_the_gang_waited_before_its_first_pod_does_not_count()
    {
        var pod = Given.Pod(0, phase: PodPhase.Pending, node: null, createdAt: Given.Now.AddMinutes(8));

        Assert.That(StartTimeoutPolicy.Decide(Given.ViewAt(Given.Now.AddMinutes(12), Job(), pod)), Is.Null);
    }

    [Test]
    public void Each_time_in_a_row_waits_longer()
    {
        var first = StartTimeoutPolicy.Decide(Given.ViewAt(Given.Now.AddMinutes(10), Job(), Given.Pending(0)))!;
        var fifth = StartTimeoutPolicy.Decide(Given.ViewAt(Given.Now.AddMinutes(10), Job(s => s with { FailuresInRow = 4 }), Given.Pending(0)))!;

        Assert.That((first.FailuresInRow, fifth.FailuresInRow), Is.EqualTo((1, 5)));
        Assert.That(fifth.Delay, Is.GreaterThan(first.Delay * 8));
    }

    private static TrainingJob Job(Func<TrainingJobStatus, TrainingJobStatus>? status = null) =>
        Given.Job(2, s => s with { Failure = new() { StartTimeout = "10m" } }, s =>
        {
            var made = s with { Attempt = 1, AttemptStartTime = Given.Now };
            return status is null ? made : status(made);
        });
}
