using AiDc.Api;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class TrainedModelTests
{
    [Test]
    public void A_service_waits_for_the_result_of_its_training_job()
    {
        var scene = Following(follow: false).Reconcile();
        Assert.That(scene.Condition(ConditionTypes.ModelLoaded), Has.Property("Reason").EqualTo(Reasons.TrainingPending).And.Property("Message").Contains("does not exist"));

        scene.Jobs["mnist"] = Job("job-1", TrainingJobPhase.Running);
        scene.Reconcile();
        Assert.That((scene.Status.Phase, scene.Revisions.Count), Is.EqualTo((InferenceServicePhase.Pending, 0)));
        Assert.That(scene.Status.Message, Does.Contain("Running"));

        scene.Jobs["mnist"] = Job("job-1", TrainingJobPhase.Succeeded, "pvc://models/run-1/model");
        scene.Settle();
        Assert.That((scene.Status.Phase, scene.Status.Model!.Uri, scene.Status.Model.TrainingJobUid), Is.EqualTo((InferenceServicePhase.Ready, "pvc://models/run-1/model", "job-1")));
    }

    [TestCase(TrainingJobPhase.Failed, null, Reasons.TrainingFailed)]
    [TestCase(TrainingJobPhase.Succeeded, null, Reasons.NoResult)]
    [TestCase(TrainingJobPhase.Succeeded, "hostpath:///etc/model", Reasons.NoResult)]
    [TestCase(TrainingJobPhase.Succeeded, "/checkpoint/model", Reasons.NoResult)]
    public void A_training_without_a_model_to_serve_is_the_reason(string phase, string? uri, string reason)
    {
        var scene = Following(follow: false);
        scene.Jobs["mnist"] = Job("job-1", phase, uri);

        scene.Reconcile();

        Assert.That((scene.Revisions.Count, scene.Condition(ConditionTypes.ModelLoaded).Reason), Is.EqualTo((0, reason)));
    }

    [Test]
    public void The_result_is_kept_when_the_job_is_deleted_and_when_it_runs_again()
    {
        var scene = Served(follow: false);
        var before = scene.Status.Stable;

        scene.Jobs.Clear();
        scene.Settle();
        Assert.That(scene.Status.Stable, Is.EqualTo(before));

        scene.Jobs["mnist"] = Job("job-2", TrainingJobPhase.Succeeded, "pvc://models/run-2/model");
        scene.Settle();
        Assert.That((scene.Status.Stable, scene.Status.Model!.Uri), Is.EqualTo((before, "pvc://models/run-1/model")));
    }

    [Test]
    public void A_new_result_that_is_followed_is_tried_and_promoted()
    {
        var scene = Served(follow: true);
        var before = scene.Status.Stable!;

        scene.Jobs["mnist"] = Job("job-2", TrainingJobPhase.Succeeded, "pvc://models/run-2/model");
        scene.Settle();
        var canary = scene.Status.Canary!.Revision!;
        Assert.That(scene.Weights(), Is.EqualTo(new Dictionary<string, int> { [before] = 90, [canary] = 10 }));

        for (var i = 0; i < 3; i++)
            scene.Answered(before, 200).Answered(canary, 200).Later(TimeSpan.FromSeconds(30)).Settle();

        Assert.That((scene.Status.Stable, scene.Status.Model!.Uri), Is.EqualTo((canary, "pvc://models/run-2/model")));
        Assert.That(scene.Revisions, Is.EqualTo(new[] { canary }));
    }

    [Test]
    public void A_result_that_is_being_tried_is_tried_to_the_end_also_when_its_job_is_gone()
    {
        var scene = Served(follow: true);
        var before = scene.Status.Stable!;
        scene.Jobs["mnist"] = Job("job-2", TrainingJobPhase.Succeeded, "pvc://models/run-2/model");
        scene.Settle();
        var canary = scene.Status.Canary!.Revision!;

        scene.Jobs.Clear();
        for (var i = 0; i < 3; i++)
            scene.Answered(before, 200).Answered(canary, 200).Later(TimeSpan.FromSeconds(30)).Settle();

        Assert.That((scene.Status.Stable, scene.Status.Canary!.Verdict), Is.EqualTo((canary, CanaryVerdict.Promoted)));
    }

    [Test]
    public void A_new_result_that_does_badly_is_not_tried_twice_and_a_newer_one_is()
    {
        var scene = Served(follow: true);
        var before = scene.Status.Stable!;
        scene.Jobs["mnist"] = Job("job-2", TrainingJobPhase.Succeeded, "pvc://models/run-2/model");
        scene.Settle();
        scene.Crash(scene.Status.Canary!.Revision!).Settle();
        Assert.That((scene.Status.Canary!.Verdict, scene.Status.Stable, scene.Revisions.Single()), Is.EqualTo((CanaryVerdict.RolledBack, before, before)));

        scene.Jobs["mnist"] = Job("job-3", TrainingJobPhase.Succeeded, "pvc://models/run-3/model");
        scene.Settle();

        Assert.That(scene.Status.Canary!.Verdict, Is.EqualTo(CanaryVerdict.Progressing));
    }

    [Test]
    public void An_edit_while_a_result_is_tried_rolls_out_what_serves_and_not_what_is_tried()
    {
        var scene = Served(follow: true);
        scene.Jobs["mnist"] = Job("job-2", TrainingJobPhase.Succeeded, "pvc://models/run-2/model");
        scene.Settle();

        scene.Edit(s => s with { Batching = new() { MaxSize = 4 } }).Reconcile();

        Assert.That(scene.Status.Model!.Uri, Is.EqualTo("pvc://models/run-1/model"));
    }

    [Test]
    public void While_another_job_is_awaited_what_serves_goes_on()
    {
        var scene = Served(follow: false);
        var before = scene.Status.Stable!;

        scene.Edit(s => s with { Model = new() { TrainingJob = "other" } }).Settle();

        Assert.That((scene.Status.Stable, scene.Replicas(before), scene.Status.Phase), Is.EqualTo((before, 1, InferenceServicePhase.Ready)));
        Assert.That(scene.Status.Message, Does.Contain("TrainingJob other"));
    }

    [Test]
    public void A_result_in_S3_is_read_with_the_jobs_secret()
    {
        var scene = Following(follow: false);
        scene.Jobs["mnist"] = Job("job-1", TrainingJobPhase.Succeeded, "s3://bucket/run-1/model", "keys");

        scene.Settle();

        var server = scene.Deployment(scene.Status.Stable!).Spec.Template.Spec.Containers[0];
        Assert.That(server.Env.Single(e => e.Name == "AWS_ACCESS_KEY_ID").ValueFrom.SecretKeyRef.Name, Is.EqualTo("keys"));
        Assert.That(server.Args, Is.SupersetOf(new[] { "--model", "s3://bucket/run-1/model", "--cache", "/cache" }));
    }

    private static Scene Following(bool follow) => new(s => s with { Model = new() { TrainingJob = "mnist", Follow = follow } });

    private static Scene Served(bool follow)
    {
        var scene = Following(follow);
        scene.Jobs["mnist"] = Job("job-1", TrainingJobPhase.Succeeded, "pvc://models/run-1/model");
        return scene.Settle();
    }

    private static TrainingJob Job(string uid, string phase, string? uri = null, string? secret = null) => new()
    {
        Metadata = new() { Name = "mnist", NamespaceProperty = "team", Uid = uid },
        Spec = new() { Checkpoint = new() { Uri = "pvc://models/x", SecretRef = secret is null ? null : new() { Name = secret } } },
        Status = new() { Phase = phase, Result = uri is null ? null : new() { Uri = uri } },
    };
}
