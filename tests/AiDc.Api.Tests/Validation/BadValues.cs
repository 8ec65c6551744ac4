using static AiDc.Api.Tests.Validation.Refusal;

namespace AiDc.Api.Tests.Validation;

/// <summary>The bad values of every field of a spec: what the tests of the validator and of the API server share.</summary>
public static class BadValues
{
    private const string Template = "spec.template.spec";

    public static IEnumerable<BadValue> All() =>
        [.. General(), .. Trainer(), .. Model(), .. Data(), .. Optimizer(), .. Schedule(), .. Storage(), .. Failure(), .. Templates(), .. Containers()];

    private static IEnumerable<BadValue> General() =>
    [
        new(WrongType, "spec.suspend", "\"yes\""),
        new(AnyServer, "spec.workers.replicas", "0"),
        new(AnyServer, "spec.workers.replicas", "1001", Own: true),
        new(WrongType, "spec.workers.replicas", "1.5"),
        new(WrongType, "spec.workers.replicas", "\"2\""),
        new(WrongType, "spec.workers", "3"),
        new(AnyServer, "spec.workers.min", "0"),
        new(WrongType, "spec.workers.min", "\"1\""),
        new(NewServer, "spec.workers.min", "2"),
        new(NewServer, "spec.workers.min", "1", Own: true),
        new(AnyServer, "spec.workers.max", "1001"),
        new(WrongType, "spec.workers.max", "1.5"),
        new(NewServer, "spec.workers.replicas", "3", With: ("spec.workers.max", "2")),
        new(AnyServer, "spec.workers.processes", "-1"),
        new(AnyServer, "spec.workers.processes", "65"),
        new(WrongType, "spec.workers.processes", "\"2\""),
        new(NewServer, "spec.workers.processes", "2", Own: true),
        new(NewServer, "spec.workers.processes", "3", With: ("spec.resources.gpus", "2")),
        new(AnyServer, "spec.resources.gpus", "-1"),
        new(AnyServer, "spec.resources.gpus", "65"),
        new(WrongType, "spec.resources.gpus", "\"1\""),
        new(AnyServer, "spec.resources.cpu", "\"two\""),
        new(AnyServer, "spec.resources.cpu", "\"-1\""),
        new(AnyServer, "spec.resources.cpu", "-1"),
        new(WrongType, "spec.resources.cpu", "0.5"),
        new(WrongType, "spec.resources.cpu", "true"),
        new(ValidatorOnly, "spec.resources.cpu", "\"0\""),
        new(ValidatorOnly, "spec.resources.cpu", "\"4Gi\""),
        new(AnyServer, "spec.resources.memory", "\"4GB\""),
        new(AnyServer, "spec.resources.memory", "0"),
        new(WrongType, "spec.resources.memory", "[]"),
        new(ValidatorOnly, "spec.resources.memory", "4"),
        new(ValidatorOnly, "spec.resources.memory", "\"400m\""),
        new(AnyServer, "spec.resources.shm", "\"1 Gi\""),
        new(WrongType, "spec.resources.shm", "{}"),
        new(ValidatorOnly, "spec.resources.shm", "\"1\""),
        new(ValidatorOnly, "spec.resources.shm", "\"2Gi\"", With: ("spec.resources.memory", "\"1Gi\"")),
        new(AnyServer, "spec.activeDeadline", "\"1 day\""),
        new(AnyServer, "spec.activeDeadline", "\"0s\""),
        new(AnyServer, "spec.activeDeadline", "\"-1h\""),
        new(WrongType, "spec.activeDeadline", "3600"),
        new(ValidatorOnly, "spec.activeDeadline", "\"4000d\""),
        new(AnyServer, "spec.ttlAfterFinished", "\"week\""),
        new(WrongType, "spec.ttlAfterFinished", "7"),
        new(ValidatorOnly, "spec.ttlAfterFinished", "\"99999d\""),
        new(NewServer, "spec.trainer", null, At: "spec"),
    ];

    private static IEnumerable<BadValue> Trainer() =>
    [
        new(AnyServer, "spec.trainer.image", "\"\""),
        new(AnyServer, "spec.trainer.image", $"\"{new string('a', 513)}\""),
        new(WrongType, "spec.trainer.image", "1"),
        new(ValidatorOnly, "spec.trainer.image", "\"aidc trainer\""),
        new(AnyServer, "spec.trainer.task", null),
        new(AnyServer, "spec.trainer.task", "\"translation\""),
        new(WrongType, "spec.trainer.task", "1"),
        new(AnyServer, "spec.trainer.epochs", "0"),
        new(AnyServer, "spec.trainer.epochs", "100001"),
        new(WrongType, "spec.trainer.epochs", "\"three\""),
        new(AnyServer, "spec.trainer.globalBatchSize", "0"),
        new(AnyServer, "spec.trainer.globalBatchSize", "1048577"),
        new(WrongType, "spec.trainer.globalBatchSize", "0.5"),
        new(AnyServer, "spec.trainer.microBatchSize", "0"),
        new(AnyServer, "spec.trainer.microBatchSize", "1048577"),
        new(WrongType, "spec.trainer.microBatchSize", "\"64\""),
        new(AnyServer, "spec.trainer.seed", "-1"),
        new(AnyServer, "spec.trainer.seed", "9007199254740993"),
        new(WrongType, "spec.trainer.seed", "\"x\""),
        new(AnyServer, "spec.trainer.earlyStopping.patience", "0", With: ("spec.trainer.data.validationSplit", "0.1")),
        new(WrongType, "spec.trainer.earlyStopping.patience", "\"3\""),
        new(AnyServer, "spec.trainer.earlyStopping.minDelta", "-0.1", With: ("spec.trainer.data.validationSplit", "0.1")),
        new(WrongType, "spec.trainer.earlyStopping.minDelta", "\"0\""),
        new(WrongType, "spec.trainer.earlyStopping", "true"),
        new(NewServer, "spec.trainer.earlyStopping", "{\"patience\": 3}"),
        new(NewServer, "spec.checkpoint", null),
    ];

    private static IEnumerable<BadValue> Model() =>
    [
        new(AnyServer, "spec.trainer.model.name", "\"resnet\""),
        new(WrongType, "spec.trainer.model.name", "18"),
        new(WrongType, "spec.trainer.model.batchNorm", "\"true\""),
        new(WrongType, "spec.trainer.model.syncBatchNorm", "1"),
        new(NewServer, "spec.trainer.model.syncBatchNorm", "true"),
        new(AnyServer, "spec.trainer.model.dropout", "1"),
        new(AnyServer, "spec.trainer.model.dropout", "-0.1"),
        new(WrongType, "spec.trainer.model.dropout", "\"0.5\""),
        new(WrongType, "spec.trainer.model", "\"cnn\""),
    ];

    private static IEnumerable<BadValue> Data() =>
    [
        new(AnyServer, "spec.trainer.data", null, At: "spec.trainer.data"),
        new(AnyServer, "spec.trainer.data.uri", null),
        new(AnyServer, "spec.trainer.data.uri", "\"mnist\""),
        new(AnyServer, "spec.trainer.data.uri", "\"pvc://\""),
        new(AnyServer, "spec.trainer.data.uri", "\"pvc://Data/mnist\""),
        new(AnyServer, "spec.trainer.data.uri", "\"s3://bucket/mnist\""),
        new(AnyServer, "spec.trainer.data.uri", "\"hostpath://data\""),
        new(WrongType, "spec.trainer.data.uri", "{}"),
        new(ValidatorOnly, "spec.trainer.data.uri", "\"pvc://datasets/../../etc\""),
        new(ValidatorOnly, "spec.trainer.data.uri", "\"hostpath:///etc\""),
        new(ValidatorOnly, "spec.trainer.data.uri", "\"hostpath:///srv/aidc/../../etc\""),
        new(ValidatorOnly, "spec.trainer.data.uri", "\"hostpath:///srv/aidc-other\""),
        new(ValidatorOnly, "spec.trainer.data.uri", "\"hostpath:////\""),
        new(AnyServer, "spec.trainer.data.format", null),
        new(AnyServer, "spec.trainer.data.format", "\"parquet\""),
        new(WrongType, "spec.trainer.data.format", "1"),
        new(AnyServer, "spec.trainer.data.validationSplit", "1"),
        new(AnyServer, "spec.trainer.data.validationSplit", "-0.5"),
        new(WrongType, "spec.trainer.data.validationSplit", "\"10%\""),
    ];

    private static IEnumerable<BadValue> Optimizer() =>
    [
        new(AnyServer, "spec.trainer.optimizer.name", "\"lion\""),
        new(WrongType, "spec.trainer.optimizer.name", "1"),
        new(AnyServer, "spec.trainer.optimizer.learningRate", "0"),
        new(AnyServer, "spec.trainer.optimizer.learningRate", "-0.1"),
        new(AnyServer, "spec.trainer.optimizer.learningRate", "101"),
        new(WrongType, "spec.trainer.optimizer.learningRate", "\"1e-3\""),
        new(AnyServer, "spec.trainer.optimizer.momentum", "1", With: ("spec.trainer.optimizer.name", "\"sgd\"")),
        new(AnyServer, "spec.trainer.optimizer.momentum", "-0.9", With: ("spec.trainer.optimizer.name", "\"sgd\"")),
        new(WrongType, "spec.trainer.optimizer.momentum", "\"0.9\""),
        new(NewServer, "spec.trainer.optimizer.momentum", "0.9"),
        new(AnyServer, "spec.trainer.optimizer.weightDecay", "-1"),
        new(AnyServer, "spec.trainer.optimizer.weightDecay", "11"),
        new(WrongType, "spec.trainer.optimizer.weightDecay", "\"0\""),
    ];

    private static IEnumerable<BadValue> Schedule() =>
    [
        new(AnyServer, "spec.trainer.schedule.name", "\"linear\""),
        new(WrongType, "spec.trainer.schedule.name", "1"),
        new(AnyServer, "spec.trainer.schedule.warmupSteps", "-1"),
        new(AnyServer, "spec.trainer.schedule.warmupSteps", "1000000001"),
        new(WrongType, "spec.trainer.schedule.warmupSteps", "\"100\""),
        new(AnyServer, "spec.trainer.schedule.stepEpochs", "0", With: ("spec.trainer.schedule.name", "\"step\"")),
        new(WrongType, "spec.trainer.schedule.stepEpochs", "\"3\""),
        new(NewServer, "spec.trainer.schedule.stepEpochs", "3"),
        new(NewServer, "spec.trainer.schedule.name", "\"step\"", At: "spec.trainer.schedule.stepEpochs"),
        new(AnyServer, "spec.trainer.schedule.gamma", "0", With: ("spec.trainer.schedule.name", "\"exponential\"")),
        new(AnyServer, "spec.trainer.schedule.gamma", "1.1", With: ("spec.trainer.schedule.name", "\"exponential\"")),
        new(WrongType, "spec.trainer.schedule.gamma", "\"0.9\""),
        new(NewServer, "spec.trainer.schedule.gamma", "0.9"),
    ];

    private static IEnumerable<BadValue> Storage() =>
    [
        new(AnyServer, "spec.checkpoint.uri", null),
        new(AnyServer, "spec.checkpoint.uri", "\"/models\""),
        new(AnyServer, "spec.checkpoint.uri", "\"https://example.com/models\""),
        new(WrongType, "spec.checkpoint.uri", "1"),
        new(ValidatorOnly, "spec.checkpoint.uri", "\"hostpath:///var/lib\""),
        new(ValidatorOnly, "spec.checkpoint.uri", "\"pvc://datasets/mnist\""),
        new(ValidatorOnly, "spec.checkpoint.uri", "\"pvc://datasets/mnist/checkpoints\""),
        new(AnyServer, "spec.checkpoint.every", "\"0s\""),
        new(AnyServer, "spec.checkpoint.every", "\"often\""),
        new(WrongType, "spec.checkpoint.every", "30"),
        new(AnyServer, "spec.checkpoint.keep", "0"),
        new(AnyServer, "spec.checkpoint.keep", "1001"),
        new(WrongType, "spec.checkpoint.keep", "\"all\""),
    ];

    private static IEnumerable<BadValue> Failure() =>
    [
        new(AnyServer, "spec.failure.maxRestarts", "-1"),
        new(AnyServer, "spec.failure.maxRestarts", "10001"),
        new(WrongType, "spec.failure.maxRestarts", "\"many\""),
        new(AnyServer, "spec.failure.startTimeout", "\"0m\""),
        new(AnyServer, "spec.failure.startTimeout", "\"soon\""),
        new(WrongType, "spec.failure.startTimeout", "600"),
        new(AnyServer, "spec.failure.lostWorkerAfter", "\"0s\""),
        new(WrongType, "spec.failure.lostWorkerAfter", "3"),
        new(ValidatorOnly, "spec.failure.lostWorkerAfter", "\"900ms\""),
        new(AnyServer, "spec.failure.stalledAfter", "\"never\""),
        new(WrongType, "spec.failure.stalledAfter", "300"),
        new(AnyServer, "spec.failure.holdAfterLoss", "\"0m\""),
        new(WrongType, "spec.failure.holdAfterLoss", "600"),
        new(WrongType, "spec.failure.rules", "{}"),
        new(AnyServer, "spec.failure.rules[0].exitCodes", "[]", With: ("spec.failure.rules[0].action", "\"Fail\"")),
        new(AnyServer, "spec.failure.rules[0].exitCodes[0]", "0", With: ("spec.failure.rules[0].action", "\"Fail\"")),
        new(AnyServer, "spec.failure.rules[0].exitCodes[0]", "256", With: ("spec.failure.rules[0].action", "\"Fail\"")),
        new(WrongType, "spec.failure.rules[0].exitCodes", "\"1-5\"", With: ("spec.failure.rules[0].action", "\"Fail\"")),
        new(AnyServer, "spec.failure.rules[0].action", "\"Ignore\"", With: ("spec.failure.rules[0].exitCodes", "[3]")),
        new(WrongType, "spec.failure.rules[0].action", "1", With: ("spec.failure.rules[0].exitCodes", "[3]")),
        new(AnyServer, "spec.failure.rules", "[{\"exitCodes\": [3]}]", At: "spec.failure.rules[0].action"),
        new(ValidatorOnly, "spec.failure.rules", """[{"exitCodes": [3], "action": "Fail"}, {"exitCodes": [4, 3], "action": "Restart"}]""", At: "spec.failure.rules[1].exitCodes"),
        new(ValidatorOnly, "spec.failure.rules", """[{"exitCodes": [2], "action": "Restart"}]""", At: "spec.failure.rules[0].exitCodes"),
    ];

    private static IEnumerable<BadValue> Templates() =>
    [
        new(WrongType, "spec.template", "\"x\"", Own: true),
        new(ValidatorOnly, "spec.template", "{}", At: Template, Own: true),
        new(ValidatorOnly, "spec.template", """{"spec": []}""", At: "spec.template", Own: true),
        new(ValidatorOnly, $"{Template}.containers", "[]", Own: true),
        new(ValidatorOnly, $"{Template}.containers", "5", At: "spec.template", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].ports", """[{"containerPort": "http"}]""", At: "spec.template", Own: true),
        new(ValidatorOnly, $"{Template}.nodeSelectors", "{\"a\": \"b\"}", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].imagePullpolicy", "\"Always\"", Own: true),
        new(ValidatorOnly, $"{Template}.restartPolicy", "\"OnFailure\"", Own: true),
        new(ValidatorOnly, $"{Template}.activeDeadlineSeconds", "60", Own: true),
        new(ValidatorOnly, $"{Template}.ephemeralContainers", """[{"name": "debug", "image": "x"}]""", Own: true),
        new(ValidatorOnly, "spec.template.metadata.name", "\"x\"", Own: true),
        new(ValidatorOnly, "spec.template.metadata.namespace", "\"x\"", Own: true),
        new(ValidatorOnly, "spec.template.metadata.labels", """{"aidc.dev/job": "other"}""", Own: true),
        new(ValidatorOnly, "spec.template.metadata.annotations", """{"aidc.dev/ca-bundle": "x"}""", Own: true),
        new(ValidatorOnly, $"{Template}.volumes", """[{"name": "aidc", "emptyDir": {}}]""", At: $"{Template}.volumes[0].name", Own: true),
        new(ValidatorOnly, $"{Template}.volumes", "[null]", At: $"{Template}.volumes[0]", Own: true),
        new(ValidatorOnly, $"{Template}.volumes", """[{"name": "v", "hostPath": {"path": "/etc"}}]""", At: $"{Template}.volumes[0].hostPath.path", Own: true),
        new(ValidatorOnly, $"{Template}.volumes", """[{"name": "v", "hostPath": {"path": "/srv/aidc/../x"}}]""", At: $"{Template}.volumes[0].hostPath.path", Own: true),
    ];

    private static IEnumerable<BadValue> Containers() =>
    [
        new(ValidatorOnly, $"{Template}.containers[0].image", "null", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].name", "\"Main\"", Own: true),
        new(ValidatorOnly, $"{Template}.containers", """[{"image": "x"}]""", At: $"{Template}.containers[0].name", Own: true),
        new(ValidatorOnly, $"{Template}.containers", "[null]", At: $"{Template}.containers[0].name", Own: true),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "a", "image": "x"}, {"name": "a", "image": "y"}]""", At: $"{Template}.containers[1].name", Own: true),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "a", "image": "x"}, {"name": "b"}]""", At: $"{Template}.containers[1].image", Own: true),
        new(ValidatorOnly, $"{Template}.initContainers", """[{"name": "b"}]""", At: $"{Template}.initContainers[0].image", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].env", """[{"name": "RANK", "value": "0"}]""", At: $"{Template}.containers[0].env[0].name", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].env", """[{"name": "A"}, {"name": "AIDC_JOB", "value": "x"}]""", At: $"{Template}.containers[0].env[1].name", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].volumeMounts", """[{"name": "v", "mountPath": "/var/run/secrets/aidc"}]""", At: $"{Template}.containers[0].volumeMounts[0].mountPath", Own: true),
        new(ValidatorOnly, $"{Template}.containers[0].volumeMounts", """[{"name": "v", "mountPath": "/checkpoint/"}]""", At: $"{Template}.containers[0].volumeMounts[0].mountPath", Own: true, With: ("spec.checkpoint.uri", "\"pvc://models/x\"")),
        new(ValidatorOnly, $"{Template}.containers[0].volumeMounts", """[{"name": "v", "mountPath": "/dev/shm"}]""", At: $"{Template}.containers[0].volumeMounts[0].mountPath", Own: true, With: ("spec.resources.shm", "\"1Gi\"")),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "trainer", "volumeMounts": [{"name": "v", "mountPath": "/data"}]}]""", At: $"{Template}.containers[0].volumeMounts[0].mountPath"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "trainer", "image": "x"}]""", At: $"{Template}.containers[0].image"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "side", "image": "x"}]""", At: $"{Template}.containers[0].image"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "trainer", "command": ["x"]}]""", At: $"{Template}.containers[0].command"),
        new(ValidatorOnly, $"{Template}.containers", """[{"name": "trainer", "args": ["x"]}]""", At: $"{Template}.containers[0].args"),
        new(ValidatorOnly, $"{Template}.containers[0].resources.requests", """{"cpu": "1"}""", Own: true, With: ("spec.resources.cpu", "\"1\"")),
        new(ValidatorOnly, $"{Template}.containers[0].resources.limits", """{"memory": "1Gi"}""", Own: true, With: ("spec.resources.memory", "\"1Gi\"")),
        new(ValidatorOnly, $"{Template}.containers[0].resources.limits", """{"nvidia.com/gpu": 1}""", Own: true, With: ("spec.resources.gpus", "1")),
    ];
}
