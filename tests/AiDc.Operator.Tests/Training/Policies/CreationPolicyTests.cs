using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class CreationPolicyTests
{
    [Test]
    public void What_is_missing_is_created() =>
        Assert.That(CreationPolicy.Decide(Given.View(Job(4), Given.Pod(1), Given.Pod(3))).Create, Is.EqualTo(new[] { 0, 2 }));

    [Test]
    public void Nothing_is_created_before_the_attempt_is_recorded() =>
        Assert.That(CreationPolicy.Decide(Given.View(Given.Job())).Create, Is.Empty);

    [Test]
    public void Nothing_is_created_again_once_the_gang_was_whole() =>
        Assert.That(CreationPolicy.Decide(Given.View(Given.Job(status: s => Given.Whole(s, 2)), Given.Pod(0))).Create, Is.Empty);

    [Test]
    public void The_back_off_is_waited_for()
    {
        var decision = CreationPolicy.Decide(Given.View(Job(2, s => s with { NextRetryTime = Given.Now.AddSeconds(4) })));

        Assert.That((decision.Create.Count, decision.LookAgain), Is.EqualTo((0, TimeSpan.FromSeconds(4))));
    }

    [Test]
    public void After_a_refusal_it_is_tried_again_later()
    {
        var snapshot = Given.Snapshot(Job(2)) with { Refusal = new(1, Reasons.QuotaExceeded, "exceeded quota", 1, Given.Now.AddSeconds(2)) };

        Assert.That(CreationPolicy.Decide(new(snapshot, Given.Options, Given.Now)).LookAgain, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(CreationPolicy.Decide(new(snapshot, Given.Options, Given.Now.AddSeconds(2))).Create, Has.Count.EqualTo(2));
    }

    [Test]
    public void An_edited_job_is_tried_at_once()
    {
        var snapshot = Given.Snapshot(Given.Edited(Job(2), s => s)) with { Refusal = new(1, Reasons.QuotaExceeded, "exceeded quota", 9, Given.Now.AddHours(1)) };

        Assert.That(CreationPolicy.Decide(new(snapshot, Given.Options, Given.Now)).Create, Has.Count.EqualTo(2));
    }

    [Test]
    public void After_a_suspension_the_gang_before_is_waited_for_until_its_grace_is_over()
    {
        var ending = Given.Pod(0, attempt: 1, deletedAt: Given.Now.AddSeconds(20));

        var waits = CreationPolicy.Decide(Given.View(Job(1, s => s with { Attempt = 2 }), ending));
        var over = CreationPolicy.Decide(Given.ViewAt(Given.Now.AddSeconds(20), Job(1, s => s with { Attempt = 2 }), ending));

        Assert.That((waits.Create.Count, waits.LookAgain), Is.EqualTo((0, TimeSpan.FromSeconds(20))));
        Assert.That(waits.WaitsFor, Does.Contain("1 pod of attempt 1"));
        Assert.That(over.Create, Is.EqualTo(new[] { 0 }), "a pod on a lost node never ends");
    }

    [Test]
    public void After_a_failure_nobody_is_waited_for()
    {
        var job = Job(1, s => s with { Attempt = 2, LastFailure = new() { Attempt = 1 } });

        Assert.That(CreationPolicy.Decide(Given.View(job, Given.Pod(0, attempt: 1, deletedAt: Given.Now.AddSeconds(20)))).Create, Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_pod_that_has_ended_is_not_waited_for() =>
        Assert.That(CreationPolicy.Decide(Given.View(Job(1, s => s with { Attempt = 2 }), Given.Failed(0, attempt: 1))).Create, Is.EqualTo(new[] { 0 }));

    private static TrainingJob Job(int replicas, Func<TrainingJobStatus, TrainingJobStatus>? status = null) =>
        Given.Job(replicas, status: s => status is null ? s with { Attempt = 1 } : status(s with { Attempt = 1 }));
}
