using AiDc.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AiDc.Api.Tests.V1Alpha1;

[TestFixture]
internal sealed class TrainingJobJsonTests
{
    [Test]
    public void A_job_is_read_with_its_defaults()
    {
        var job = Manifests.Read(Manifests.ForBuiltInTrainer());

        Assert.That(job.Spec.Workers.Replicas, Is.EqualTo(1));
        Assert.That(job.Spec.Trainer!.Epochs, Is.EqualTo(10));
        Assert.That(job.Spec.Trainer.Optimizer.LearningRate, Is.EqualTo(0.001));
        Assert.That(job.Spec.Checkpoint!.Every, Is.EqualTo("30s"));
        Assert.That(job.Status.Phase, Is.EqualTo(TrainingJobPhase.Pending));
        Assert.That(job.Status.ObservedGeneration, Is.Null);
    }

    [Test]
    public void What_is_written_is_read_back()
    {
        var job = Manifests.Read(Manifests.ForOwnImage().With("spec.failure.rules", """[{"exitCodes": [3, 4], "action": "Restart"}]"""));
        job.Status = job.Status with
        {
            StartTime = new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.Zero),
            Conditions = [new V1Condition { Type = "Valid", Status = "True", Reason = "SpecValid", Message = "", LastTransitionTime = new DateTime(2026, 5, 1, 10, 0, 0, DateTimeKind.Utc) }],
            Progress = new ProgressStatus { Step = 12, Loss = 0.25, Metrics = new Dictionary<string, double> { ["accuracy"] = 0.5 } },
        };

        var text = KubernetesJson.Serialize(job);
        var again = KubernetesJson.Deserialize<TrainingJob>(text);

        Assert.That(KubernetesJson.Serialize(again), Is.EqualTo(text));
        Assert.That(again.Status.StartTime, Is.EqualTo(job.Status.StartTime));
        Assert.That(again.Status.Progress!.Metrics!["accuracy"], Is.EqualTo(0.5));
        Assert.That(again.Spec.Template!.Value!.Spec.Containers[0].Image, Is.EqualTo("registry.example.com/train:1"));
    }

    [TestCase("5")]
    [TestCase("""{"spec": {"containers": "none"}}""")]
    [TestCase("""{"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": "many"}}}]}}""")]
    [TestCase("""{"metadata": {"creationTimestamp": "yesterday"}}""")]
    public void A_malformed_template_does_not_keep_the_job_from_being_read(string template)
    {
        var job = Manifests.Read(Manifests.ForOwnImage().With("spec.template", template));

        Assert.That(job.Metadata.Name, Is.EqualTo("own"));
        Assert.That(job.Spec.Template!.Value, Is.Null);
        Assert.That(job.Spec.Template.Problem, Is.Not.Empty);
    }

    [Test]
    public void Each_read_of_a_template_is_a_copy_of_its_own()
    {
        var template = PodTemplate.From(new V1PodTemplateSpec { Spec = new V1PodSpec { Containers = [new V1Container { Name = "a" }] } });

        template.Value!.Spec.Containers[0].Name = "changed";

        Assert.That(template.Value.Spec.Containers[0].Name, Is.EqualTo("a"));
    }

    [TestCase(2, 10, 450L, 1000L, "45% (2/10)")]
    [TestCase(2, 10, null, null, "2/10")]
    [TestCase(2, null, 7L, null, "step 7 (epoch 2)")]
    [TestCase(null, null, 1000L, 1000L, "100%")]
    [TestCase(null, null, 7L, 0L, "step 7")]
    [TestCase(null, null, null, null, null)]
    public void Progress_is_summed_up_with_what_is_known(int? epoch, int? epochs, long? step, long? total, string? text) =>
        Assert.That(ProgressStatus.Summarize(epoch, epochs, step, total), Is.EqualTo(text));
}
