using AiDc.Api.V1Alpha1;
using AiDc.Api.Validation;

namespace AiDc.Api.Tests.Validation;

[TestFixture]
internal sealed class TrainingJobValidatorTests
{
    private static readonly ValidationContext Context = new() { AllowedHostPaths = ["/srv/aidc"] };

    private static IEnumerable<BadValue> Readable() => BadValues.All().Where(b => b.By != Refusal.WrongType);

    [TestCaseSource(nameof(Readable))]
    public void A_bad_value_is_the_one_error_with_its_field_and_its_fix(BadValue bad)
    {
        var errors = bad.Validate(Context);

        var at = errors.Where(e => e.Path == bad.ErrorAt || e.Path.StartsWith(bad.ErrorAt + ".", StringComparison.Ordinal)).ToList();
        Assert.That(at, Is.Not.Empty, () => $"errors: {string.Join(" | ", errors)}");
        Assert.That(errors.Except(at), Is.Empty);
        Assert.That(at, Has.All.Matches<FieldError>(e => e is { Problem.Length: > 0, Fix.Length: > 0 }));
    }

    [Test]
    public void The_smallest_jobs_are_fine()
    {
        Assert.That(TrainingJobValidator.Validate(Manifests.Read(Manifests.ForBuiltInTrainer()), Context), Is.Empty);
        Assert.That(TrainingJobValidator.Validate(Manifests.Read(Manifests.ForOwnImage()), Context), Is.Empty);
    }

    [TestCase("spec.trainer.data.uri", "\"hostpath:///srv/aidc\"")]
    [TestCase("spec.trainer.data.uri", "\"hostpath:///srv//aidc/mnist/\"")]
    [TestCase("spec.trainer.data.uri", "\"pvc://datasets\"")]
    [TestCase("spec.trainer.data", """{"uri": "s3://bucket/mnist", "format": "idx"}""")]
    [TestCase("spec.trainer.data", """{"uri": "s3://bucket", "format": "idx", "secretRef": {"name": "keys.of-ours"}}""")]
    [TestCase("spec.checkpoint", """{"uri": "s3://bucket/jobs/a", "secretRef": {"name": "keys"}}""")]
    [TestCase("spec.trainer.seed", "9007199254740991")]
    [TestCase("spec.trainer.model.dropout", "0")]
    [TestCase("spec.resources.cpu", "2")]
    [TestCase("spec.resources.cpu", "\"1500m\"")]
    [TestCase("spec.resources.memory", "4294967296")]
    [TestCase("spec.resources.memory", "\"1e9\"")]
    [TestCase("spec.activeDeadline", "\"1d12h\"")]
    [TestCase("spec.ttlAfterFinished", "\"0s\"")]
    [TestCase("spec.workers", """{"replicas": 4, "min": 4, "max": 4}""")]
    [TestCase("spec.workers", """{"replicas": 4, "min": 1, "max": 1000}""")]
    [TestCase("spec.workers.processes", "64")]
    [TestCase("spec.failure.lostWorkerAfter", "\"1s\"")]
    [TestCase("spec.failure.maxRestarts", "0")]
    [TestCase("spec.failure.rules", """[{"exitCodes": [2], "action": "Fail"}]""")]
    [TestCase("spec.template", """{"spec": {"nodeSelector": {"a": "b"}, "restartPolicy": "Never"}}""")]
    [TestCase("spec.template", """{"metadata": {"labels": {"team": "a"}}}""")]
    [TestCase("spec.template", """{"spec": {"containers": [{"name": "trainer", "env": [{"name": "AIDC_LEDGER_DIR", "value": "/checkpoint/ledger"}, {"name": "AIDC_INTERFACE", "value": "eth1"}]}]}}""")]
    [TestCase("spec.template", """{"spec": {"containers": [{"name": "side", "image": "x"}, {"name": "trainer", "env": [{"name": "OMP_NUM_THREADS", "value": "2"}]}]}}""")]
    [TestCase("spec.template", """{"spec": {"containers": [{"name": "trainer", "resources": {"limits": {"cpu": "4"}}}], "volumes": [{"name": "v", "hostPath": {"path": "/srv/aidc/x"}}]}}""")]
    public void A_value_at_the_edge_is_fine(string path, string json)
    {
        var job = Manifests.Read(Manifests.ForBuiltInTrainer().With(path, json));

        Assert.That(TrainingJobValidator.Validate(job, Context), Is.Empty);
    }

    [Test]
    public void Every_field_of_the_spec_has_a_bad_value_in_the_table()
    {
        Assert.That(SpecShape.NotIn(BadValues.All(), typeof(TrainingJobSpec)), Is.Empty);
    }

    [Test]
    public void Every_rule_of_the_types_has_a_bad_value_that_breaks_it()
    {
        // As many CEL rules as types declare; which one a bad value breaks is told apart by the field that it names.
        Assert.That(BadValues.All().Count(b => b.By == Refusal.NewServer), Is.EqualTo(SpecShape.Rules(typeof(TrainingJobSpec))));
    }

    [Test]
    public void A_folder_of_the_node_is_refused_when_nothing_is_allowed()
    {
        var job = Manifests.Read(Manifests.ForBuiltInTrainer().With("spec.checkpoint.uri", "\"hostpath:///srv/aidc/m\""));

        var errors = TrainingJobValidator.Validate(job, new ValidationContext());

        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0].ToString(), Does.StartWith("spec.checkpoint.uri: /srv/aidc/m").And.Contain("allowedHostPaths"));
    }

    [Test]
    public void Several_errors_are_all_said()
    {
        var manifest = Manifests.ForBuiltInTrainer()
            .With("spec.trainer.epochs", "0")
            .With("spec.trainer.model.name", "\"vgg\"")
            .With("spec.failure.startTimeout", "\"0s\"");

        var paths = TrainingJobValidator.Validate(Manifests.Read(manifest), Context).Select(e => e.Path);

        Assert.That(paths, Is.EquivalentTo(["spec.trainer.epochs", "spec.trainer.model.name", "spec.failure.startTimeout"]));
    }

    [Test]
    public void Nulls_where_defaults_belong_are_errors_and_not_crashes()
    {
        var manifest = Manifests.ForBuiltInTrainer();
        foreach (var path in new[] { "spec.workers", "spec.resources", "spec.failure", "spec.trainer.model", "spec.trainer.optimizer", "spec.trainer.schedule", "spec.trainer.data" })
            manifest.With(path, "null");

        var errors = TrainingJobValidator.Validate(Manifests.Read(manifest), Context);

        Assert.That(errors.Select(e => e.Path), Does.Contain("spec.workers").And.Contain("spec.trainer.schedule").And.Contain("spec.trainer.data"));
    }
}
