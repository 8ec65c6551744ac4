using AiDc.Api;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class CanaryTests
{
    private const string New = "pvc://models/new";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    [Test]
    public void A_canary_that_does_well_goes_through_its_steps_and_is_promoted()
    {
        var (scene, stable, canary) = Trial();
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 90, [canary] = 10 }));

        foreach (var percent in new[] { 50, 100 })
        {
            Pass(scene, stable, canary);
            Assert.That(scene.Weights().GetValueOrDefault(canary), Is.EqualTo(percent));
            Assert.That(scene.Pods.Count(p => !p.IsBeingDeleted), Is.LessThanOrEqualTo(5), "no more than one above the four");
        }

        Pass(scene, stable, canary);

        Assert.That((scene.Status.Stable, scene.Status.Canary!.Verdict), Is.EqualTo((canary, CanaryVerdict.Promoted)));
        Assert.That(scene.Revisions, Is.EqualTo(new[] { canary }));
        Assert.That((scene.Replicas(canary), scene.Status.Model!.Uri), Is.EqualTo((4, New)));
        Assert.That(scene.Condition(ConditionTypes.Canary), Has.Property("Status").EqualTo("False").And.Property("Reason").EqualTo(Reasons.CanaryPromoted));
    }

    [Test]
    public void A_promoted_canary_stays_through_other_edits_and_when_it_becomes_the_model()
    {
        var (scene, stable, canary) = Trial();
        for (var i = 0; i < 3; i++) Pass(scene, stable, canary);

        scene.Edit(s => s with { Batching = new() { MaxSize = 8 } }).Settle();
        Assert.That(scene.Status.Model!.Uri, Is.EqualTo(New));

        var edited = scene.Status.Stable;
        scene.Edit(s => s with { Model = new() { Uri = New }, Canary = null }).Settle();
        Assert.That((scene.Status.Stable, scene.Revisions.Count), Is.EqualTo((edited, 1)));
    }

    [Test]
    public void Too_many_errors_roll_it_back_and_say_so()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 500).Answered(canary, 120, errors: 12).Reconcile();

        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Stable), Is.EqualTo((CanaryVerdict.RolledBack, stable)));
        Assert.That(scene.Status.Canary.Message, Does.Contain("12 of 120").And.Contain("maxErrorRate"));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 100 }));
        Assert.That(scene.Events.Select(e => e.Reason), Does.Contain(Reasons.CanaryRolledBack));
        scene.Settle();
        Assert.That((scene.Revisions.Single(), scene.Replicas(stable)), Is.EqualTo((stable, 4)));
    }

    [Test]
    public void Errors_beyond_chance_roll_it_back_before_there_are_enough_requests()
    {
        var (scene, _, canary) = Trial();

        scene.Answered(canary, 2, errors: 2).Reconcile();

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.RolledBack));
    }

    [Test]
    public void One_error_among_few_requests_is_no_reason_yet()
    {
        var (scene, _, canary) = Trial();

        scene.Answered(canary, 5, errors: 1).Later(Interval).Reconcile();

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.Waiting));
    }

    [Test]
    public void Answers_that_take_too_long_roll_it_back()
    {
        var (scene, stable, canary) = Trial();

        for (var i = 0; i < 30; i++) scene.Answered(stable, 100, seconds: 0.01).Answered(canary, 10, seconds: 0.013).Reconcile();

        Assert.That(scene.Status.Canary, Has.Property("Verdict").EqualTo(CanaryVerdict.RolledBack).And.Property("Message").Contains("1.3 times"));
    }

    [Test]
    public void Errors_that_may_be_chance_get_it_more_time_and_not_the_next_step()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 500).Answered(canary, 160, errors: 2).Later(Interval).Reconcile();
        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Canary.Step), Is.EqualTo((CanaryVerdict.Waiting, 0)));
        Assert.That(scene.Status.Canary.Message, Does.Contain("2 of 160").And.Contain("may be chance"));

        scene.Answered(canary, 100).Reconcile();
        Assert.That(scene.Status.Canary.Step, Is.EqualTo(1), "2 of 260 are within the limit");
    }

    [Test]
    public void One_slow_look_among_few_is_no_reason_yet()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 500, seconds: 0.01).Answered(canary, 200, seconds: 0.02).Later(Interval).Reconcile();

        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Canary.Step), Is.EqualTo((CanaryVerdict.Waiting, 0)));
    }

    [Test]
    public void The_first_requests_of_a_new_replica_do_not_count_as_slow()
    {
        var (scene, stable, canary) = Trial();

        Look(scene, stable, canary, 6, _ => 0.01, _ => 0.2);
        Look(scene, stable, canary, 30, i => 0.01 + (0.001 * (i % 3)), i => 0.01 + (0.001 * (i % 3)));

        Assert.That((scene.Status.Canary!.Step, scene.Status.Canary.Verdict), Is.EqualTo((1, CanaryVerdict.Progressing)));
    }

    [Test]
    public void What_slows_both_down_is_not_held_against_it()
    {
        var (scene, stable, canary) = Trial();

        Look(scene, stable, canary, 60, i => 0.01 * (1 + (i / 10)), i => 0.01 * (1 + (i / 10)));

        Assert.That(scene.Status.Canary!.Step, Is.GreaterThan(0));
    }

    [Test]
    public void Requests_that_failed_with_it_and_were_answered_by_another_replica_roll_it_back()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 500).Answered(canary, 100, retried: 20).Reconcile();

        Assert.That(scene.Status.Canary, Has.Property("Verdict").EqualTo(CanaryVerdict.RolledBack).And.Property("Message").Contains("20 of 120"));
    }

    [Test]
    public void Callers_who_leave_it_before_the_answer_roll_it_back()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 500).Answered(canary, 100, left: 20, leftSeconds: 200).Reconcile();

        Assert.That(scene.Status.Canary, Has.Property("Verdict").EqualTo(CanaryVerdict.RolledBack).And.Property("Message").Contains("callers of 20 of 120"));
    }

    [Test]
    public void Callers_who_leave_the_stable_revision_as_often_are_not_its_fault()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 900, errors: 27, left: 90, leftSeconds: 9).Answered(canary, 200, errors: 6, left: 20, leftSeconds: 2).Later(Interval).Settle();

        Assert.That(scene.Status.Canary!.Step, Is.EqualTo(1));
    }

    [Test]
    public void Another_operator_goes_on_with_what_the_one_before_it_has_seen()
    {
        var (scene, stable, canary) = Trial();
        Look(scene, stable, canary, 10, _ => 0.01, i => 0.02 + (0.0001 * (i % 2)));
        Assert.That(scene.Status.Canary, Has.Property("Verdict").EqualTo(CanaryVerdict.Progressing).And.Property("Samples").EqualTo(100));

        scene.Memory = new();
        Look(scene, stable, canary, 10, _ => 0.01, i => 0.02 + (0.0001 * (i % 2)));

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.RolledBack), "neither half alone is enough");
    }

    [Test]
    public void A_replica_that_is_lost_with_its_node_lets_the_step_begin_anew_and_its_broken_requests_do_not_count()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 4 }, Canary = null }).Settle();
        var stable = scene.Status.Stable!;
        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = New }, Analysis = new() { Steps = [50, 100] } } }).Settle();
        var canary = scene.RevisionOf(New);
        var pod = scene.Pods.First(p => p.Revision == canary && !p.IsBeingDeleted);

        scene.Later(TimeSpan.FromSeconds(5)).Node(pod.Spec.NodeName!, lost: true).Answered(stable, 100).Answered(canary, 100, errors: 20, retried: 30).Reconcile();
        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.Waiting));

        scene.Settle().Answered(stable, 500).Answered(canary, 500).Later(Interval).Reconcile();
        Assert.That(scene.Status.Canary!.Step, Is.EqualTo(1));
    }

    [Test]
    public void With_too_few_requests_it_gets_more_time()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 1000).Answered(canary, 159).Later(TimeSpan.FromMinutes(10)).Reconcile();
        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Canary.Step), Is.EqualTo((CanaryVerdict.Waiting, 0)));
        Assert.That(scene.Status.Canary.Message, Does.Contain("159 of the 160"), "sixty of its one replica's do not count");

        scene.Answered(canary, 1).Reconcile();
        Assert.That(scene.Status.Canary.Step, Is.EqualTo(1));
    }

    [Test]
    public void Enough_requests_do_not_shorten_the_interval()
    {
        var (scene, stable, canary) = Trial();

        scene.Answered(stable, 1000).Answered(canary, 1000).Later(Interval - TimeSpan.FromSeconds(1)).Reconcile();

        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Canary.Step), Is.EqualTo((CanaryVerdict.Progressing, 0)));
    }

    [Test]
    public void Requests_of_an_earlier_step_do_not_count_for_the_next()
    {
        var (scene, stable, canary) = Trial();
        Pass(scene, stable, canary);

        scene.Later(TimeSpan.FromMinutes(5)).Reconcile();

        Assert.That((scene.Status.Canary!.Step, scene.Status.Canary.Samples), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_canary_whose_replicas_end_is_rolled_back_at_the_next_look()
    {
        var (scene, stable, canary) = Trial();

        scene.Crash(canary).Reconcile();

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.RolledBack));
        Assert.That(scene.Status.Canary.Message, Does.Contain("no such file"));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 100 }));
    }

    [Test]
    public void A_canary_that_lost_its_node_gets_no_requests_and_goes_on_when_it_is_replaced()
    {
        var (scene, stable, canary) = Trial();
        var pod = scene.Pods.Single(p => p.Revision == canary);

        scene.Later(TimeSpan.FromSeconds(5)).Node(pod.Spec.NodeName!, lost: true).Reconcile();
        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.Waiting));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 100 }));

        // A pod of its own that starts elsewhere is not the canary's failure either.
        scene.AllReady().Reconcile();
        Assert.That(scene.Weights().GetValueOrDefault(canary), Is.EqualTo(10));
    }

    [Test]
    public void A_canary_that_does_not_load_is_rolled_back_and_gets_no_request()
    {
        var scene = Service(4).Settle();
        var stable = scene.Status.Stable!;
        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = New } } }).Reconcile();

        scene.Crash(scene.RevisionOf(New), restarts: 2).Reconcile();

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.RolledBack));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 100 }));
    }

    [Test]
    public void What_was_rolled_back_is_not_tried_again_until_it_is_another_one()
    {
        var (scene, stable, canary) = Trial();
        scene.Crash(canary).Settle();
        Assert.That(scene.Revisions, Is.EqualTo(new[] { stable }));

        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = "pvc://models/newer" } } }).Reconcile();

        Assert.That((scene.Status.Canary!.Verdict, scene.Revisions.Count), Is.EqualTo((CanaryVerdict.Starting, 2)));
    }

    [Test]
    public void A_canary_that_is_taken_out_of_the_spec_is_forgotten()
    {
        var (scene, stable, _) = Trial();

        scene.Edit(s => s with { Canary = null }).Settle();

        Assert.That((scene.Status.Canary, scene.Revisions.Single()), Is.EqualTo(((CanaryStatus?)null, stable)));
        Assert.That(scene.Condition(ConditionTypes.Canary).Reason, Is.EqualTo(Reasons.NoCanary));
    }

    [Test]
    public void An_invalid_edit_in_the_middle_changes_no_share()
    {
        var (scene, stable, canary) = Trial();

        scene.Edit(s => s with { Model = new() { Uri = "hostpath:///etc" } }).Reconcile();

        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [stable] = 90, [canary] = 10 }));
        Assert.That((scene.Condition(ConditionTypes.Valid).Status, scene.Revisions.Count), Is.EqualTo(("False", 2)));
    }

    [Test]
    public void Without_gateways_it_waits()
    {
        var (scene, _, _) = Trial();
        scene.Gateways = 0;

        scene.Later(TimeSpan.FromHours(1)).Reconcile();

        Assert.That(scene.Status.Canary, Has.Property("Verdict").EqualTo(CanaryVerdict.Waiting).And.Property("Message").Contains("gateway"));
    }

    [Test]
    public void It_starts_only_next_to_a_revision_that_answers()
    {
        var scene = Service(2, new() { Model = new() { Uri = New } }).Reconcile();

        Assert.That((scene.Revisions.Count, scene.Status.Canary), Is.EqualTo((1, (CanaryStatus?)null)));
    }

    [Test]
    public void Where_there_is_no_room_above_the_replicas_it_takes_the_place_of_one()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 }, Rollout = new() { MaxSurge = 0, MaxUnavailable = 1 } }).Settle();

        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = New } } }).Settle();

        Assert.That(scene.Revisions.Select(scene.Replicas), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(scene.Weights()[scene.RevisionOf(New)], Is.EqualTo(10));
    }

    private static Scene Service(int replicas, CanarySpec? canary = null) =>
        new(s => s with { Scaling = new() { Replicas = replicas }, Canary = canary });

    /// <summary>Four replicas, and a canary that has its first ten percent.</summary>
    private static (Scene Scene, string Stable, string Canary) Trial()
    {
        var scene = Service(4).Settle();
        var stable = scene.Status.Stable!;
        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = New } } }).Settle();
        return (scene, stable, scene.RevisionOf(New));
    }

    /// <summary>Looks at which both revisions answer.</summary>
    private static void Look(Scene scene, string stable, string canary, int looks, Func<int, double> stableSeconds, Func<int, double> canarySeconds, int requests = 10)
    {
        for (var i = 0; i < looks; i++)
            scene.Answered(stable, requests, seconds: stableSeconds(i)).Answered(canary, requests, seconds: canarySeconds(i)).Later(TimeSpan.FromSeconds(1)).Reconcile();
    }

    private static void Pass(Scene scene, string stable, string canary) =>
        scene.Answered(stable, 500).Answered(canary, 500).Later(Interval).Settle();
}
