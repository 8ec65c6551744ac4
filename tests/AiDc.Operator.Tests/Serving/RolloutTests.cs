using AiDc.Api;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class RolloutTests
{
    [TestCase(1, 0)]
    [TestCase(2, 0)]
    [TestCase(0, 1)]
    [TestCase(1, 2)]
    public void A_rollout_keeps_to_surge_and_unavailability_and_ends(int surge, int unavailable)
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 4 }, Rollout = new() { MaxSurge = surge, MaxUnavailable = unavailable } }).Settle();
        var before = scene.Status.Stable!;

        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/mnist/other" } });
        for (var i = 0; i < 12; i++)
        {
            scene.Reconcile();
            Assert.That(scene.Revisions.Sum(scene.Replicas), Is.LessThanOrEqualTo(4 + surge));
            Assert.That(scene.Pods.Count(p => p.IsReady), Is.GreaterThanOrEqualTo(4 - unavailable));
            Assert.That((scene.Weights().Values.Sum(), scene.Status.Phase), Is.EqualTo((100, InferenceServicePhase.Ready)));
            scene.AllReady().EndDeleted();
        }

        scene.Reconcile();
        Assert.That(scene.Status.Stable, Is.Not.EqualTo(before));
        Assert.That(scene.Revisions, Is.EqualTo(new[] { scene.Status.Stable }));
        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Progressing).Status), Is.EqualTo((InferenceServicePhase.Ready, "False")));
    }

    [Test]
    public void A_revision_that_does_not_load_leaves_the_one_before_in_its_place()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 } }).Settle();
        var before = scene.Status.Stable!;

        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/broken" } }).Reconcile();
        scene.Crash(scene.Status.Stable!).Reconcile();

        Assert.That(scene.Replicas(before), Is.EqualTo(3));
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [before] = 100 }));
        Assert.That((scene.Status.Phase, scene.Condition(ConditionTypes.Ready).Status, scene.Condition(ConditionTypes.ModelLoaded).Status),
            Is.EqualTo((InferenceServicePhase.Degraded, "True", "False")));
        Assert.That(scene.Status.Message, Does.Contain("no such file"));
    }

    [Test]
    public void A_broken_revision_gives_way_to_its_mend_at_once()
    {
        var scene = new Scene(s => s with { Scaling = new() { Replicas = 3 }, Rollout = new() { MaxSurge = 0, MaxUnavailable = 1 } }).Reconcile();
        var broken = scene.Status.Stable!;
        scene.Crash(broken).Reconcile();

        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/fixed" } }).Settle();

        Assert.That(scene.Revisions, Has.None.EqualTo(broken));
        Assert.That(scene.Status.Phase, Is.EqualTo(InferenceServicePhase.Ready));
    }

    [Test]
    public void An_edit_of_what_no_pod_is_made_of_makes_no_revision()
    {
        var scene = new Scene().Settle();
        var before = scene.Status.Stable;

        scene.Edit(s => s with
        {
            Scaling = new() { Min = 2, Max = 3 },
            Rollout = new() { MaxSurge = 2 },
            RateLimit = new() { RequestsPerSecond = 5 },
            ApiKeys = new() { SecretRef = new() { Name = "keys" } },
            Retry = new() { Idempotent = false },
        }).Settle();

        Assert.That((scene.Status.Stable, scene.Replicas(before!)), Is.EqualTo((before, 2)));
    }

    [Test]
    public void The_annotation_for_restarts_makes_a_revision()
    {
        var scene = new Scene().Settle();
        var before = scene.Status.Stable;

        scene.Service.Metadata.Annotations = new Dictionary<string, string> { [Annotations.RestartedAt] = "now" };
        scene.Settle();

        Assert.That(scene.Status.Stable, Is.Not.EqualTo(before));
    }

    [Test]
    public void At_zero_a_new_revision_takes_over_without_a_replica()
    {
        var scene = new Scene(s => s with { Scaling = new() { Min = 0 } }) { Scale = new(0, "idle") };
        scene.Settle();

        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/other" } }).Settle();

        Assert.That((scene.Revisions.Count, scene.Pods.Count, scene.Status.Phase), Is.EqualTo((1, 0, InferenceServicePhase.Idle)));
    }
}
