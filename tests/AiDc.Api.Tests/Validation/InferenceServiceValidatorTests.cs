using AiDc.Api.V1Alpha1;
using AiDc.Api.Validation;

namespace AiDc.Api.Tests.Validation;

[TestFixture]
internal sealed class InferenceServiceValidatorTests
{
    private static readonly ValidationContext Context = new() { AllowedHostPaths = ["/srv/aidc"] };

    private static IEnumerable<BadServiceValue> Readable() => ServiceBadValues.All().Where(b => b.By != Refusal.WrongType);

    [TestCaseSource(nameof(Readable))]
    public void A_bad_value_is_the_one_error_with_its_field_and_its_fix(BadServiceValue bad)
    {
        var errors = bad.Validate(Context);

        var at = errors.Where(e => e.Path == bad.ErrorAt || e.Path.StartsWith(bad.ErrorAt + ".", StringComparison.Ordinal)).ToList();
        Assert.That(at, Is.Not.Empty, () => $"errors: {string.Join(" | ", errors)}");
        Assert.That(errors.Except(at), Is.Empty);
        Assert.That(at, Has.All.Matches<FieldError>(e => e is { Problem.Length: > 0, Fix.Length: > 0 }));
    }

    [Test]
    public void Every_field_of_the_spec_has_a_bad_value_in_the_table() =>
        Assert.That(SpecShape.NotIn(ServiceBadValues.All(), typeof(InferenceServiceSpec)), Is.Empty);

    [Test]
    public void Every_rule_of_the_types_has_a_bad_value_that_breaks_it() =>
        Assert.That(ServiceBadValues.All().Count(b => b.By == Refusal.NewServer), Is.EqualTo(SpecShape.Rules(typeof(InferenceServiceSpec))));

    [TestCase("spec.model", """{"trainingJob": "mnist", "follow": true, "secretRef": {"name": "keys"}}""")]
    [TestCase("spec.model.uri", "\"hostpath:///srv/aidc/mnist/model\"")]
    [TestCase("spec.model", """{"uri": "s3://bucket/m.onnx", "format": "onnx", "secretRef": {"name": "keys"}}""")]
    [TestCase("spec.model", """{"uri": "https://host/m.onnx?version=1", "format": "onnx"}""")]
    [TestCase("spec.model", """{"uri": "http://host/m.onnx", "format": "onnx", "sha256": "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"}""")]
    [TestCase("spec.model", """{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": [{"name": "input__0", "datatype": "BF16", "shape": [-1, 1, 28, 28]}]}""")]
    [TestCase("spec.scaling", """{"replicas": 0}""")]
    [TestCase("spec.scaling", """{"min": 0, "max": 1, "target": {"latency": "200ms"}, "idleAfter": "1s"}""")]
    [TestCase("spec.rollout", """{"maxSurge": 0, "maxUnavailable": 1}""")]
    [TestCase("spec.batching", """{"maxSize": 1, "maxLatency": "0s"}""")]
    [TestCase("spec.canary", """{"model": {"uri": "pvc://m/b"}, "analysis": {"steps": [100], "minSamples": 1}}""")]
    [TestCase("spec.rateLimit", """{"perClientRequestsPerSecond": 0.5}""")]
    [TestCase("spec.requestLog", """{"sampleRate": 1, "payloads": true}""")]
    [TestCase("spec.template", """{"spec": {"nodeSelector": {"a": "b"}, "restartPolicy": "Always"}}""")]
    [TestCase("spec.template", """{"spec": {"containers": [{"name": "server"}, {"name": "side", "image": "x"}]}}""")]
    [TestCase("spec.template", """{"spec": {"containers": [{"name": "own", "image": "x", "ports": [{"containerPort": 80}], "args": ["--fast"]}]}}""")]
    public void A_value_at_the_edge_is_fine(string path, string json)
    {
        var service = Manifests.ReadService(Manifests.ForBuiltInServer().With(path, json));

        Assert.That(InferenceServiceValidator.Validate(service, Context), Is.Empty);
    }

    [Test]
    public void The_smallest_services_are_fine()
    {
        Assert.That(InferenceServiceValidator.Validate(Manifests.ReadService(Manifests.ForBuiltInServer()), Context), Is.Empty);
        Assert.That(InferenceServiceValidator.Validate(Manifests.ReadService(Manifests.ForOwnServer()), Context), Is.Empty);
    }

    [Test]
    public void Nulls_where_defaults_belong_are_errors_and_not_crashes()
    {
        var manifest = Manifests.ForBuiltInServer().With("spec.canary", """{"model": {"uri": "pvc://m/b"}}""");
        var paths = new[] { "spec.resources", "spec.scaling", "spec.batching", "spec.limits", "spec.rollout", "spec.retry", "spec.canary.analysis" };
        foreach (var path in paths)
            manifest.With(path, "null");

        var errors = InferenceServiceValidator.Validate(Manifests.ReadService(manifest), Context);

        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(paths));
    }
}
