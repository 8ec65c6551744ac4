using System.Text.Json.Nodes;

namespace AiDc.Api.Tests.Server.Current;

/// <summary>For each rule of the definitions an object that breaks it alone, and a near one that is fine.</summary>
internal static class RulePairs
{
    private const string Jobs = "trainingjobs";
    private const string Services = "inferenceservices";
    private const string Inputs = """[{"name": "x", "shape": [-1, 4]}]""";
    private static readonly string Sum = new('a', 64);

    public static IEnumerable<RulePair> All() =>
        [.. Job(), .. Workers(), .. Trainer(), .. Service(), .. Model("spec.model"), .. Model("spec.canary.model"), .. Serving()];

    private static IEnumerable<RulePair> Job() =>
    [
        new(Jobs, "spec", "has(self.trainer) || has(self.template)",
            BuiltIn().Without("spec.trainer"),
            BuiltIn().Without("spec.trainer").With("spec.template", """{"spec": {"containers": [{"name": "main", "image": "x"}]}}""")),
        new(Jobs, "spec", "has(self.trainer) || (!has(self.workers.min) && !has(self.workers.max))",
            Own().With("spec.workers", """{"replicas": 2, "min": 1}"""),
            Own().With("spec.workers", """{"replicas": 2}""")),
        new(Jobs, "spec", "has(self.trainer) || (!has(self.workers.min) && !has(self.workers.max))",
            Own().With("spec.workers", """{"replicas": 2, "max": 3}"""),
            BuiltIn().With("spec.workers", """{"replicas": 2, "max": 3}""")),
        new(Jobs, "spec", "has(self.trainer) || self.workers.processes <= 1", Own().With("spec.workers.processes", "2"), Own().With("spec.workers.processes", "1")),
        new(Jobs, "spec", "self.resources.gpus == 0 || self.workers.processes <= self.resources.gpus",
            BuiltIn().With("spec.resources.gpus", "2").With("spec.workers.processes", "3"),
            BuiltIn().With("spec.resources.gpus", "2").With("spec.workers.processes", "2")),
        new(Jobs, "spec", "!has(self.trainer) || has(self.checkpoint)", BuiltIn().Without("spec.checkpoint"), BuiltIn()),
    ];

    private static IEnumerable<RulePair> Workers() =>
    [
        new(Jobs, "spec.workers", "!has(self.min) || self.min <= self.replicas",
            BuiltIn().With("spec.workers", """{"replicas": 2, "min": 3}"""),
            BuiltIn().With("spec.workers", """{"replicas": 2, "min": 2}""")),
        new(Jobs, "spec.workers", "!has(self.max) || self.replicas <= self.max",
            BuiltIn().With("spec.workers", """{"replicas": 3, "max": 2}"""),
            BuiltIn().With("spec.workers", """{"replicas": 3, "max": 3}""")),
    ];

    private static IEnumerable<RulePair> Trainer() =>
    [
        new(Jobs, "spec.trainer", "!has(self.earlyStopping) || self.data.validationSplit > 0.0",
            BuiltIn().With("spec.trainer.earlyStopping", "{}"),
            BuiltIn().With("spec.trainer.earlyStopping", "{}").With("spec.trainer.data.validationSplit", "0.1")),
        new(Jobs, "spec.trainer.model", "!self.syncBatchNorm || self.batchNorm",
            BuiltIn().With("spec.trainer.model.syncBatchNorm", "true"),
            BuiltIn().With("spec.trainer.model", """{"syncBatchNorm": true, "batchNorm": true}""")),
        new(Jobs, "spec.trainer.optimizer", "self.name == 'sgd' || self.momentum == 0.0",
            BuiltIn().With("spec.trainer.optimizer.momentum", "0.9"),
            BuiltIn().With("spec.trainer.optimizer", """{"name": "sgd", "momentum": 0.9}""")),
        new(Jobs, "spec.trainer.schedule", "self.name != 'step' || has(self.stepEpochs)",
            BuiltIn().With("spec.trainer.schedule", """{"name": "step"}"""),
            BuiltIn().With("spec.trainer.schedule", """{"name": "step", "stepEpochs": 3}""")),
        new(Jobs, "spec.trainer.schedule", "self.name == 'step' || !has(self.stepEpochs)",
            BuiltIn().With("spec.trainer.schedule", """{"name": "exponential", "stepEpochs": 3}"""),
            BuiltIn().With("spec.trainer.schedule", """{"name": "exponential"}""")),
        new(Jobs, "spec.trainer.schedule", "self.name == 'step' || self.name == 'exponential' || !has(self.gamma)",
            BuiltIn().With("spec.trainer.schedule.gamma", "0.9"),
            BuiltIn().With("spec.trainer.schedule", """{"name": "exponential", "gamma": 0.9}""")),
    ];

    private static IEnumerable<RulePair> Service() =>
    [
        new(Services, "spec", "has(self.model) || has(self.template)", Served().Without("spec.model"), OwnServer()),
        new(Services, "spec", "!has(self.canary) || has(self.canary.model) || (has(self.model) && self.model.follow)",
            Served().With("spec.model", """{"trainingJob": "mnist"}""").With("spec.canary", "{}"),
            Served().With("spec.model", """{"trainingJob": "mnist", "follow": true}""").With("spec.canary", "{}")),
        new(Services, "spec", "!has(self.canary) || !has(self.canary.model) || has(self.model)",
            OwnServer().With("spec.canary.model.uri", "\"pvc://m/b\""),
            OwnServer().With("spec.canary.model.uri", "\"pvc://m/b\"").With("spec.model.uri", "\"pvc://m/a\"")),
    ];

    /// <summary>The rules of a model, the one that serves and the one that is tried.</summary>
    private static IEnumerable<RulePair> Model(string at)
    {
        const string uri = "\"uri\": \"pvc://m/b\"";
        const string job = "\"trainingJob\": \"mnist\"";
        return
        [
            Pair("has(self.trainingJob) != has(self.uri)", $"{job}, {uri}", job),
            Pair("has(self.trainingJob) != has(self.uri)", "", uri),
            Pair("!self.follow || has(self.trainingJob)", $"{uri}, \"follow\": true", $"{job}, \"follow\": true"),
            Pair("!has(self.trainingJob) || !has(self.sha256)", $"{job}, \"sha256\": \"{Sum}\"", $"{uri}, \"sha256\": \"{Sum}\""),
            Pair("!has(self.trainingJob) || self.format == 'aidc'", $"{job}, \"format\": \"onnx\"", $"{uri}, \"format\": \"onnx\""),
            Pair("self.format != 'torchscript' || has(self.inputs)", $"{uri}, \"format\": \"torchscript\"", $"{uri}, \"format\": \"torchscript\", \"inputs\": {Inputs}"),
            Pair("self.format == 'torchscript' || !has(self.inputs)", $"{uri}, \"format\": \"onnx\", \"inputs\": {Inputs}", $"{uri}, \"format\": \"onnx\""),
        ];

        RulePair Pair(string rule, string breaks, string near) =>
            new(Services, at, rule, Served().With(at, "{" + breaks + "}"), Served().With(at, "{" + near + "}"));
    }

    private static IEnumerable<RulePair> Serving() =>
    [
        new(Services, "spec.canary.analysis", "self.steps[self.steps.size() - 1] == 100",
            Served().With("spec.canary.model.uri", "\"pvc://m/b\"").With("spec.canary.analysis.steps", "[10, 50]"),
            Served().With("spec.canary.model.uri", "\"pvc://m/b\"").With("spec.canary.analysis.steps", "[10, 100]")),
        new(Services, "spec.scaling", "self.min <= self.max",
            Served().With("spec.scaling", """{"min": 3, "max": 2}"""),
            Served().With("spec.scaling", """{"min": 2, "max": 2}""")),
        new(Services, "spec.scaling.target",
            "(has(self.concurrency) ? 1 : 0) + (has(self.requestsPerSecond) ? 1 : 0) + (has(self.latency) ? 1 : 0) + (has(self.queueDepth) ? 1 : 0) <= 1",
            Served().With("spec.scaling.target", """{"concurrency": 4, "latency": "1s"}"""),
            Served().With("spec.scaling.target", """{"latency": "1s"}""")),
        new(Services, "spec.rollout", "self.maxSurge + self.maxUnavailable > 0",
            Served().With("spec.rollout", """{"maxSurge": 0}"""),
            Served().With("spec.rollout", """{"maxSurge": 0, "maxUnavailable": 1}""")),
        new(Services, "spec.rateLimit", "!has(self.burst) || has(self.requestsPerSecond)",
            Served().With("spec.rateLimit", """{"burst": 5}"""),
            Served().With("spec.rateLimit", """{"burst": 5, "requestsPerSecond": 2}""")),
    ];

    private static JsonObject BuiltIn() => Manifests.ForBuiltInTrainer();

    private static JsonObject Own() => Manifests.ForOwnImage();

    private static JsonObject Served() => Manifests.ForBuiltInServer();

    private static JsonObject OwnServer() => Manifests.ForOwnServer();
}
