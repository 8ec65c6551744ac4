using static AiDc.Api.Tests.Validation.Refusal;

namespace AiDc.Api.Tests.Validation;

/// <summary>The bad values of every field of a service's spec: what the tests of the validator and of the API server share.</summary>
public static class ServiceBadValues
{
    private const string Template = "spec.template.spec";
    private const string Inputs = """[{"name": "x", "shape": [-1, 4]}]""";

    public static IEnumerable<BadServiceValue> All() => [.. Model(), .. Inputs_(), .. Resources(), .. Scaling(), .. Limits(), .. Canary(), .. Access(), .. Templates()];

    private static IEnumerable<BadServiceValue> Model() =>
    [
        new(NewServer, "spec.model", null, At: "spec"),
        new(WrongType, "spec.model", "\"pvc://models/mnist\""),
        new(NewServer, "spec.model", "{}"),
        new(AnyServer, "spec.model.uri", "\"models/mnist\""),
        new(AnyServer, "spec.model.uri", "\"ftp://host/model\""),
        new(AnyServer, "spec.model.uri", "\"https:///model\""),
        new(ValidatorOnly, "spec.model.uri", "\"pvc://models/../etc\""),
        new(ValidatorOnly, "spec.model.uri", "\"hostpath:///etc\""),
        new(ValidatorOnly, "spec.model.uri", "\"https://user:password@host/model\""),
        new(ValidatorOnly, "spec.model.uri", "\"http://host/model\""),
        new(WrongType, "spec.model.uri", "1"),
        new(AnyServer, "spec.model.trainingJob", "\"\"", With: ("spec.model", "{}")),
        new(ValidatorOnly, "spec.model.trainingJob", "\"Not A Name\"", With: ("spec.model", "{}")),
        new(WrongType, "spec.model.trainingJob", "{}"),
        new(WrongType, "spec.model.follow", "\"yes\""),
        new(NewServer, "spec.model.follow", "true"),
        new(AnyServer, "spec.model.format", "\"pickle\""),
        new(NewServer, "spec.model.format", "\"onnx\"", With: ("spec.model", """{"trainingJob": "mnist"}""")),
        new(WrongType, "spec.model.secretRef", "\"keys\""),
        new(WrongType, "spec.model.secretRef.name", "1"),
        new(AnyServer, "spec.model.secretRef", "{}", At: "spec.model.secretRef.name", With: ("spec.model.uri", "\"s3://bucket/m\"")),
        new(ValidatorOnly, "spec.model.secretRef.name", "\"Not A Name\"", With: ("spec.model.uri", "\"s3://bucket/m\"")),
        new(ValidatorOnly, "spec.model.secretRef", """{"name": "keys"}"""),
        new(AnyServer, "spec.model.sha256", "\"abc\""),
        new(NewServer, "spec.model.sha256", $"\"{new string('a', 64)}\"", With: ("spec.model", """{"trainingJob": "mnist"}""")),
        new(AnyServer, "spec.model.name", "\"\""),
        new(ValidatorOnly, "spec.model.name", "\"a/b\""),
    ];

    private static IEnumerable<BadServiceValue> Inputs_() =>
    [
        new(NewServer, "spec.model.inputs", Inputs),
        new(NewServer, "spec.model.format", "\"torchscript\"", At: "spec.model.inputs"),
        new(AnyServer, "spec.model.inputs", "[]", With: ("spec.model.format", "\"torchscript\"")),
        new(AnyServer, "spec.model.inputs[0]", """{"shape": [-1]}""", At: "spec.model.inputs[0].name", With: ("spec.model.format", "\"torchscript\"")),
        new(WrongType, "spec.model.inputs[0].name", "1", With: ("spec.model.format", "\"torchscript\"")),
        new(ValidatorOnly, "spec.model.inputs[0]", """{"name": "a:b", "shape": [-1]}""", At: "spec.model.inputs[0].name", With: ("spec.model.format", "\"torchscript\"")),
        new(ValidatorOnly, "spec.model.inputs[1]", """{"name": "x", "shape": [-1]}""", At: "spec.model.inputs[1].name", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
        new(AnyServer, "spec.model.inputs[0].datatype", "\"float\"", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
        new(AnyServer, "spec.model.inputs[0].shape", "[-2]", At: "spec.model.inputs[0].shape[0]", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
        new(AnyServer, "spec.model.inputs[0].shape", "[]", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
        new(ValidatorOnly, "spec.model.inputs[0].shape", "[-1, 0]", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
        new(ValidatorOnly, "spec.model.uri", "\"pvc://models\"", With: ("spec.model", $$"""{"uri": "pvc://m/x.pt", "format": "torchscript", "inputs": {{Inputs}}}""")),
    ];

    private static IEnumerable<BadServiceValue> Resources() =>
    [
        new(AnyServer, "spec.resources.gpus", "65"),
        new(AnyServer, "spec.resources.cpu", "\"two\""),
        new(AnyServer, "spec.resources.memory", "\"4GB\""),
        new(AnyServer, "spec.resources.shm", "\"1 Gi\""),
        new(ValidatorOnly, "spec.resources.memory", "4"),
    ];

    private static IEnumerable<BadServiceValue> Scaling() =>
    [
        new(AnyServer, "spec.scaling.replicas", "-1"),
        new(WrongType, "spec.scaling.replicas", "\"2\""),
        new(AnyServer, "spec.scaling.min", "-1"),
        new(NewServer, "spec.scaling.min", "11"),
        new(AnyServer, "spec.scaling.max", "0", With: ("spec.scaling.min", "0")),
        new(AnyServer, "spec.scaling.max", "1001"),
        new(AnyServer, "spec.scaling.target.concurrency", "0"),
        new(AnyServer, "spec.scaling.target.requestsPerSecond", "-1"),
        new(AnyServer, "spec.scaling.target.latency", "\"0s\""),
        new(AnyServer, "spec.scaling.target.queueDepth", "0"),
        new(NewServer, "spec.scaling.target.queueDepth", "4", At: "spec.scaling.target", With: ("spec.scaling.target.concurrency", "4")),
        new(AnyServer, "spec.scaling.idleAfter", "\"soon\""),
    ];

    private static IEnumerable<BadServiceValue> Limits() =>
    [
        new(AnyServer, "spec.batching.maxSize", "0"),
        new(AnyServer, "spec.batching.maxLatency", "\"5\""),
        new(ValidatorOnly, "spec.batching.maxLatency", "\"61s\""),
        new(ValidatorOnly, "spec.limits.timeout", "\"25h\""),
        new(AnyServer, "spec.limits.concurrency", "0"),
        new(AnyServer, "spec.limits.queue", "0"),
        new(AnyServer, "spec.limits.timeout", "\"0s\""),
        new(AnyServer, "spec.rollout.maxSurge", "-1"),
        new(AnyServer, "spec.rollout.maxUnavailable", "-1"),
        new(NewServer, "spec.rollout.maxSurge", "0", At: "spec.rollout"),
        new(WrongType, "spec.retry.idempotent", "\"yes\""),
    ];

    private static IEnumerable<BadServiceValue> Canary() =>
    [
        new(NewServer, "spec.canary", "{}"),
        new(NewServer, "spec.canary", """{"model": {"uri": "pvc://m/a"}}""", At: "spec.canary.model", Own: true),
        new(AnyServer, "spec.canary.model.uri", "\"m\""),
        new(ValidatorOnly, "spec.canary.model.trainingJob", "\"Not A Name\""),
        new(ValidatorOnly, "spec.canary.model", """{"trainingJob": "b", "follow": true}""", At: "spec.canary.model.follow"),
        new(AnyServer, "spec.canary.model.format", "\"pickle\"", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(ValidatorOnly, "spec.canary.model.secretRef.name", "\"A B\"", With: ("spec.canary.model.uri", "\"s3://bucket/a\"")),
        new(AnyServer, "spec.canary.model.sha256", "\"abc\"", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(ValidatorOnly, "spec.canary.model.name", "\"a b\"", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.model", """{"uri": "pvc://m/a", "format": "torchscript", "inputs": [{"shape": [1]}]}""", At: "spec.canary.model.inputs[0].name"),
        new(AnyServer, "spec.canary.model", """{"uri": "pvc://m/a", "format": "torchscript", "inputs": [{"name": "x", "shape": [1], "datatype": "F"}]}""", At: "spec.canary.model.inputs[0].datatype"),
        new(AnyServer, "spec.canary.model", """{"uri": "pvc://m/a", "format": "torchscript", "inputs": [{"name": "x", "shape": []}]}""", At: "spec.canary.model.inputs[0].shape"),
        new(AnyServer, "spec.canary.analysis.maxErrorRate", "1.5", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.analysis.maxLatencyRatio", "0", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.analysis.interval", "\"0s\"", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.analysis.minSamples", "0", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.analysis.steps", "[]", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(AnyServer, "spec.canary.analysis.steps", "[10, 101]", At: "spec.canary.analysis.steps[1]", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(NewServer, "spec.canary.analysis.steps", "[10, 50]", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
        new(ValidatorOnly, "spec.canary.analysis.steps", "[50, 50, 100]", At: "spec.canary.analysis.steps[1]", With: ("spec.canary.model.uri", "\"pvc://m/a\"")),
    ];

    private static IEnumerable<BadServiceValue> Access() =>
    [
        new(AnyServer, "spec.rateLimit.requestsPerSecond", "0"),
        new(AnyServer, "spec.rateLimit.burst", "0", With: ("spec.rateLimit.requestsPerSecond", "5")),
        new(NewServer, "spec.rateLimit.burst", "5"),
        new(AnyServer, "spec.rateLimit.perClientRequestsPerSecond", "0"),
        new(AnyServer, "spec.apiKeys", "{}", At: "spec.apiKeys.secretRef"),
        new(AnyServer, "spec.apiKeys.secretRef", "{}", At: "spec.apiKeys.secretRef.name"),
        new(ValidatorOnly, "spec.apiKeys.secretRef.name", "\"A B\""),
        new(AnyServer, "spec.requestLog.sampleRate", "2"),
        new(WrongType, "spec.requestLog.payloads", "\"no\""),
        new(ValidatorOnly, "spec.requestLog", "{}", Own: true),
    ];

    private static IEnumerable<BadServiceValue> Templates() =>
    [
        new(WrongType, "spec.template", "\"x\""),
        new(ValidatorOnly, "spec.template", """{"spec": {"containers": {}}}"""),
        new(ValidatorOnly, "spec.template", "{}", At: Template, Own: true, With: ("spec", "{}")),
        new(ValidatorOnly, $"{Template}.containers[0].livenesProbe", "{}", Own: true),
        new(ValidatorOnly, $"{Template}.restartPolicy", "\"Never\""),
        new(ValidatorOnly, $"{Template}.activeDeadlineSeconds", "5"),
        new(ValidatorOnly, $"{Template}.ephemeralContainers", """[{"name": "d", "image": "x"}]"""),
        new(ValidatorOnly, "spec.template.metadata.name", "\"x\""),
        new(ValidatorOnly, "spec.template.metadata.labels", """{"aidc.dev/revision": "x"}"""),
        new(ValidatorOnly, $"{Template}.volumes[0]", """{"name": "aidc-cache", "emptyDir": {}}""", At: $"{Template}.volumes[0].name"),
        new(ValidatorOnly, $"{Template}.volumes[0]", """{"name": "v", "hostPath": {"path": "/etc"}}""", At: $"{Template}.volumes[0].hostPath.path"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "main", "image": "x"}]""", At: $"{Template}.containers[0].ports", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].env[0].name", "\"AIDC_MODEL_URI\"", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "args": ["serve"]}""", At: $"{Template}.containers[0].args"),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "command": ["serve"]}""", At: $"{Template}.containers[0].command"),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "ports": [{"containerPort": 1}]}""", At: $"{Template}.containers[0].ports"),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "volumeMounts": [{"name": "v", "mountPath": "/model/"}]}""", At: $"{Template}.containers[0].volumeMounts[0].mountPath"),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "volumeMounts": [{"name": "aidc-cache", "mountPath": "/c"}]}""", At: $"{Template}.containers[0].volumeMounts[0].name"),
        new(ValidatorOnly, $"{Template}.containers[0]", """{"name": "server", "resources": {"limits": {"memory": "1Gi"}}}""", At: $"{Template}.containers[0].resources.limits", With: ("spec.resources.memory", "\"1Gi\"")),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "a"}, {"name": "a"}]""", At: $"{Template}.containers[1].name"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "server"}, {"name": "side"}]""", At: $"{Template}.containers[1].image"),
        new(ValidatorOnly, $"{Template}.initContainers", """[{"name": "fetch"}]""", At: $"{Template}.initContainers[0].image"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "main"}]""", At: "spec.model", Own: true),
    ];
}
