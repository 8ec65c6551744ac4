using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>Renders spec.trainer and spec.checkpoint as the command line of <c>aidc-trainer train</c>.</summary>
public static class TrainerArguments
{
    private const double StepGamma = 0.1;
    private const double ExponentialGamma = 0.95;

    /// <param name="cpu">The CPU request: so many threads are used, whatever the node has, so that a run does not change with its node.</param>
    /// <param name="processes">Processes of each worker of a distributed gang; null for a worker that trains alone.</param>
    public static IReadOnlyList<string> Of(TrainerSpec trainer, CheckpointSpec checkpoint, string? cpu, int? processes = null)
    {
        var arguments = new List<string> { "train" };
        void Add(string name, object value) => arguments.AddRange([name, Convert.ToString(value, CultureInfo.InvariantCulture)!]);

        Add("--task", trainer.Task);
        Add("--data", StorageEnvironment.Place(trainer.Data.Uri, MountPaths.Data));
        Add("--format", trainer.Data.Format);
        if (trainer.Data.ImageSize is { } imageSize) Add("--image-size", imageSize);
        if (trainer.Data.MostLeftOut is { } mostLeftOut) Add("--most-left-out", mostLeftOut);
        Add("--validation-split", trainer.Data.ValidationSplit);
        Add("--model", trainer.Model.Name);
        if (trainer.Model.BatchNorm) arguments.Add("--batch-norm");
        Add("--dropout", trainer.Model.Dropout);
        Add("--epochs", trainer.Epochs);
        Add("--batch-size", trainer.GlobalBatchSize);
        Add("--optimizer", trainer.Optimizer.Name);
        Add("--learning-rate", trainer.Optimizer.LearningRate);
        Add("--momentum", trainer.Optimizer.Momentum);
        Add("--weight-decay", trainer.Optimizer.WeightDecay);
        Add("--schedule", trainer.Schedule.Name);
        Add("--warmup-steps", trainer.Schedule.WarmupSteps);
        if (trainer.Schedule.StepEpochs is { } stepEpochs) Add("--step-epochs", stepEpochs);
        if (Gamma(trainer.Schedule) is { } gamma) Add("--gamma", gamma);
        if (trainer.EarlyStopping is { } stopping)
        {
            Add("--early-stopping-patience", stopping.Patience);
            Add("--early-stopping-min-delta", stopping.MinDelta);
        }
        Add("--seed", trainer.Seed);
        var folder = StorageEnvironment.Place(checkpoint.Uri, MountPaths.Checkpoint);
        Add("--checkpoint-dir", folder);
        Add("--checkpoint-every", Seconds(checkpoint.Every));
        Add("--checkpoint-keep", checkpoint.Keep);
        Add("--output", $"{folder}/{MountPaths.ModelFolder}");
        Add("--progress", "json");
        if (trainer.MicroBatchSize is { } microBatchSize) Add("--micro-batch-size", microBatchSize);
        if (processes is { } count)
        {
            arguments.Add("--distributed");
            Add("--processes", count);
            if (trainer.Model.SyncBatchNorm) arguments.Add("--sync-batch-norm");
        }
        if (Threads(cpu) is { } threads) Add("--threads", threads);
        return arguments;
    }

    private static double? Gamma(ScheduleSpec schedule) => schedule.Name switch
    {
        "step" => schedule.Gamma ?? StepGamma,
        "exponential" => schedule.Gamma ?? ExponentialGamma,
        _ => null,
    };

    /// <summary>In seconds, which every reader of durations knows; days it may not.</summary>
    private static string Seconds(string duration) =>
        GoDuration.Parse(duration).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";

    private static int? Threads(string? cpu) =>
        cpu is null ? null : Math.Max(1, (int)Math.Ceiling(new ResourceQuantity(cpu).ToDecimal()));
}
