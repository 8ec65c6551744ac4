using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class SpecChangePolicyTests
{
    private static readonly TrainingJob Before = Given.Job(status: s => Given.Whole(s, 2));

    [Test]
    public void An_edit_that_concerns_the_pods_restarts_the_gang_and_does_not_count()
    {
        var verdict = SpecChangePolicy.Decide(Given.View(Given.Edited(Before, s => s with { Resources = new() { Memory = "2Gi" } }), Pods()))!;

        Assert.That((verdict.Cause, verdict.Kind, verdict.Delay, verdict.Failure),
            Is.EqualTo((Reasons.SpecChanged, AttemptKind.Restart, TimeSpan.Zero, (FailureStatus?)null)));
    }

    [Test]
    public void Another_number_of_workers_does_too() =>
        Assert.That(SpecChangePolicy.Decide(Given.View(Given.Edited(Before, s => s with { Workers = new() { Replicas = 3 } }), Pods())), Is.Not.Null);

    [Test]
    public void An_edit_that_does_not_concern_the_pods_changes_nothing()
    {
        var edited = Given.Edited(Before, s => s with { TtlAfterFinished = "1h", ActiveDeadline = "9h", Failure = new() { MaxRestarts = 1 } });

        Assert.That(SpecChangePolicy.Decide(Given.View(edited, Pods())), Is.Null);
    }

    [Test]
    public void A_default_that_comes_with_an_upgrade_changes_nothing_because_nobody_edited_the_job() =>
        Assert.That(SpecChangePolicy.Decide(Given.View(Before, Given.Pod(0, hash: "of an older version"), Given.Pod(1, hash: "of an older version"))), Is.Null);

    [Test]
    public void Pods_of_earlier_attempts_do_not_matter() =>
        Assert.That(SpecChangePolicy.Decide(Given.View(
            Given.Edited(Given.Job(status: s => s with { Attempt = 2 }), s => s with { Suspend = false }), Given.Pod(0, attempt: 1, hash: "old"))), Is.Null);

    [Test]
    public void The_hash_is_of_the_template_as_well()
    {
        var one = Given.Job().Spec;
        var other = Given.Job(spec: s => s with { Template = PodTemplate.From(new() { Spec = new() { Containers = [new() { Name = "trainer", Image = "registry/own:2" }] } }) }).Spec;

        Assert.That(SpecHash.Of(one), Is.EqualTo(SpecHash.Of(Given.Job().Spec)).And.Not.EqualTo(SpecHash.Of(other)));
    }

    [Test]
    public void How_many_workers_a_distributed_gang_has_is_no_part_of_its_pods()
    {
        var spec = Given.BuiltIn(s => s with { Workers = new() { Replicas = 4 } }).Spec;

        Assert.That(SpecHash.Of(spec with { Workers = new() { Replicas = 7, Min = 2, Max = 9 } }), Is.EqualTo(SpecHash.Of(spec)));
        Assert.That(SpecHash.Of(spec with { Workers = new() { Replicas = 4, Processes = 2 } }), Is.Not.EqualTo(SpecHash.Of(spec)));
        Assert.That(SpecHash.Of(spec with { Workers = new() { Replicas = 1 } }), Is.Not.EqualTo(SpecHash.Of(spec)), "one alone trains without a group");
    }

    private static ObservedPod[] Pods()
    {
        var hash = SpecHash.Of(Before.Spec);
        return [Given.Pod(0, hash: hash), Given.Pod(1, hash: hash)];
    }
}
