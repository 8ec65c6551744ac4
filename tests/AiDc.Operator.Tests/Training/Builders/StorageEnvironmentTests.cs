using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Builders;
using k8s.Models;

namespace AiDc.Operator.Tests.Training.Builders;

public sealed class StorageEnvironmentTests
{
    [Test]
    public void The_keys_of_the_Secret_are_referred_to_and_what_may_be_missing_is_optional()
    {
        var worker = Build(InS3("keys"));

        var references = worker.Env.Where(e => e.ValueFrom?.SecretKeyRef is not null).ToDictionary(e => e.Name, e => e.ValueFrom!.SecretKeyRef);
        Assert.That(references.Keys, Is.EqualTo(new[]
        {
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_S3_ADDRESSING_STYLE",
        }));
        Assert.That(references.Values.Select(r => r.Name), Is.All.EqualTo("keys"));
        Assert.That(references.All(r => r.Key == r.Value.Key));
        Assert.That(references.Where(r => r.Value.Optional != true).Select(r => r.Key), Is.EqualTo(new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" }));
    }

    [Test]
    public void Nothing_is_mounted_for_S3_and_the_worker_knows_the_uris()
    {
        var worker = Build(InS3("keys"));

        Assert.That(worker.VolumeMounts.Select(m => m.MountPath), Is.EqualTo(new[] { "/tmp" }));
        Assert.That(worker.Env.Single(e => e.Name == "AIDC_CHECKPOINT_DIR").Value, Is.EqualTo("s3://models/digits"));
        Assert.That(worker.Env.Single(e => e.Name == "AIDC_DATA_DIR").Value, Is.EqualTo("s3://sets/mnist"));
    }

    [Test]
    public void Without_a_Secret_the_identity_of_the_pod_counts() =>
        Assert.That(Build(InS3(secret: null)).Env.Select(e => e.Name), Has.None.StartsWith("AWS_"));

    [Test]
    public void What_the_template_sets_itself_is_what_counts()
    {
        var template = PodTemplate.From(new() { Spec = new() { Containers = [new() { Name = "trainer", Env = [new() { Name = "AWS_REGION", Value = "eu-x" }] }] } });
        var worker = Build(InS3("keys", template));

        Assert.That(worker.Env.Where(e => e.Name == "AWS_REGION").Select(e => e.Value), Is.EqualTo(new[] { "eu-x" }));
    }

    private static TrainingJob InS3(string? secret, PodTemplate? template = null)
    {
        var reference = secret is null ? null : new SecretReference { Name = secret };
        return Given.BuiltIn(s => s with
        {
            Trainer = s.Trainer! with { Data = new() { Uri = "s3://sets/mnist", Format = "idx", SecretRef = reference } },
            Checkpoint = new() { Uri = "s3://models/digits/", SecretRef = reference },
            Template = template,
        });
    }

    private static V1Container Build(TrainingJob job) =>
        WorkerPodBuilder.Build(new(job, 1, "hash", null, Given.Options), 0, null).Spec.Containers.Single();
}
