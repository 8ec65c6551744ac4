using System.Security.Cryptography;
using System.Text.Json;
using AiDc.Trainer.Models;

namespace AiDc.Trainer.Training;

/// <summary>
/// What must stay the same for a checkpoint to be continued: the shape of the weights and the order of the samples. Everything else
/// (epochs, learning rate, schedule, early stopping) may be changed between two attempts.
/// </summary>
public sealed record RunIdentity(
    ModelSpec Model,
    OptimizerKind Optimizer,
    bool Momentum,
    int TrainingSamples,
    int ValidationSamples,
    int BatchSize,
    ulong Seed)
{
    /// <summary>The first difference, for a person; null when there is none.</summary>
    public string? DifferenceFrom(RunIdentity now)
    {
        if (Model with { Dropout = now.Model.Dropout } != now.Model)
            return $"the model {Describe(Model)}, but this run has {Describe(now.Model)}";
        if (Optimizer != now.Optimizer || Momentum != now.Momentum)
            return $"the optimizer {Optimizer}{(Momentum ? " with momentum" : "")}, but this run has {now.Optimizer}{(now.Momentum ? " with momentum" : "")}";
        if (BatchSize != now.BatchSize) return $"batches of {BatchSize}, but this run has --batch-size {now.BatchSize}";
        if (Seed != now.Seed) return $"the seed {Seed}, but this run has --seed {now.Seed}";
        return (TrainingSamples, ValidationSamples) != (now.TrainingSamples, now.ValidationSamples)
            ? $"{TrainingSamples} training and {ValidationSamples} validation samples, but this run has {now.TrainingSamples} and {now.ValidationSamples}"
            : null;
    }

    private static string Describe(ModelSpec model) =>
        $"{model.Name}{(model.BatchNorm ? " with batch norm" : "")} for {model.Channels}x{model.Height}x{model.Width} and {model.Classes} classes";
}

/// <summary>Tells whether a result that is already there is the result of these very options.</summary>
public static class RunFingerprint
{
    /// <summary>SHA-256 over all that decides about the result, in lower-case hex; not over paths, threads and how often to checkpoint.</summary>
    public static string Of(TrainingOptions options)
    {
        var deciding = new
        {
            options.Format, options.ValidationSplit, options.Model, options.Epochs, options.BatchSize,
            options.Optimizer, options.Schedule, options.EarlyStopping, options.Seed, options.ClipNorm, options.SyncBatchNorm, options.MaxSteps,
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(deciding, Json.Line)));
    }
}
