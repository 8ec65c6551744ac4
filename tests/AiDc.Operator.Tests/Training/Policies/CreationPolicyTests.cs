using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Nodes;
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
        var job = Given.BuiltIn(status: s => s with { Attempt = 2, LastFailure = new() { Attempt = 1 } });

        Assert.That(CreationPolicy.Decide(Given.View(job, Given.Pod(0, attempt: 1, deletedAt: Given.Now.AddSeconds(20)))).Create, Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Two_attempts_of_an_own_image_never_write_into_one_folder_at_the_same_time()
    {
        var job = Given.Job(2, s => s with { Checkpoint = new() { Uri = "pvc://models/own" } }, s => s with { Attempt = 2, LastFailure = new() { Attempt = 1 } });
        var ending = Given.Pod(1, attempt: 1, deletedAt: Given.Now.AddSeconds(20));
        CreationDecision At(int seconds, bool lost = false, bool known = true) => CreationPolicy.Decide(new(
            Given.Snapshot(job, Given.Failed(0), ending) with
            {
                Nodes = known ? new Dictionary<string, NodeView> { ["node-1"] = new("node-1") { DeadFor = lost ? TimeSpan.FromSeconds(41) : null } } : null,
            }, Given.Options, Given.Now.AddSeconds(seconds)));

        Assert.That((At(0).Create.Count, At(0).WaitsFor), Is.EqualTo((0, "waiting for 1 pod of attempt 1 to write a checkpoint and end")));
        Assert.That(At(21).Create, Is.Empty, "its kubelet lives, and has not said that it has ended");
        Assert.That(At(0, lost: true).Create, Is.EqualTo(new[] { 0, 1 }), "of a lost node nobody will ever say it");
        Assert.That(CreationPolicy.Decide(Given.View(job, Given.Failed(0), Given.Failed(1))).Create, Is.EqualTo(new[] { 0, 1 }));
    }

    [TestCase("""{"spec":{"containers":[{"name":"a"}]}}""", false)]
    [TestCase("""{"spec":{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","configMap":{"name":"c"}}]}}""", false)]
    [TestCase("""{"spec":{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","persistentVolumeClaim":{"claimName":"c"}}]}}""", true)]
    [TestCase("""{"spec":{"volumes":[{"name":"b","nfs":{"server":"s","path":"/"}}]}}""", true)]
    [TestCase("""{"spec":{"volumes":[{"name":"b","ofALaterVersion":{}}]}}""", true)]
    public void Attempts_of_an_own_image_share_what_outlives_a_pod(string template, bool shared)
    {
        using var json = System.Text.Json.JsonDocument.Parse(template);
        var spec = new TrainingJobSpec { Template = new PodTemplate(json.RootElement.Clone()) };

        Assert.That(Operator.Training.Jobs.SharedStorage.IsIn(spec), Is.EqualTo(shared));
    }

    [Test]
    public void Nor_does_a_built_in_trainer_that_did_nothing_and_may_wake_up()
    {
        var job = Given.BuiltIn(status: s => s with { Attempt = 2, LastFailure = new() { Attempt = 1, Reason = Reasons.Stalled } });

        Assert.That(CreationPolicy.Decide(Given.View(job, Given.Pod(0, attempt: 1, deletedAt: Given.Now.AddSeconds(20)))).Create, Is.Empty);
    }
    [Test]
    public void A_pod_that_has_ended_is_not_waited_for() =>
        Assert.That(CreationPolicy.Decide(Given.View(Job(1, s => s with { Attempt = 2 }), Given.Failed(0, attempt: 1))).Create, Is.EqualTo(new[] { 0 }));

    private static TrainingJob Job(int replicas, Func<TrainingJobStatus, TrainingJobStatus>? status = null) =>
        Given.Job(replicas, status: s => status is null ? s with { Attempt = 1 } : status(s with { Attempt = 1 }));
}
