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
    /// <summary>Of the names of the classes, the labels and the pixels; null in what was written before there was one: then it cannot be compared.</summary>
    public string? Data { get; init; }

    /// <summary>namespace/name; null where there was no job.</summary>
    public string? Job { get; init; }

    /// <summary>The first difference, for a person; null when there is none.</summary>
    public string? DifferenceFrom(RunIdentity now)
    {
        if (Model with { Dropout = now.Model.Dropout } != now.Model)
            return $"the model {Describe(Model)}, but this run has {Describe(now.Model)}";
        if (Optimizer != now.Optimizer || Momentum != now.Momentum)
            return $"the optimizer {Optimizer}{(Momentum ? " with momentum" : "")}, but this run has {now.Optimizer}{(now.Momentum ? " with momentum" : "")}";
        if (BatchSize != now.BatchSize) return $"batches of {BatchSize}, but this run has --batch-size {now.BatchSize}";
        if (Seed != now.Seed) return $"the seed {Seed}, but this run has --seed {now.Seed}";
        if ((TrainingSamples, ValidationSamples) != (now.TrainingSamples, now.ValidationSamples))
            return $"{TrainingSamples} training and {ValidationSamples} validation samples, but this run has {now.TrainingSamples} and {now.ValidationSamples}";
        if (Data is not null && now.Data is not null && Data != now.Data)
            return "other data of the same size: names of classes, labels or pixels differ from those that this run has read";
        return Job is not null && now.Job is not null && Job != now.Job ? $"the job {Job}, but this is the job {now.Job}" : null;
    }

    private static string Describe(ModelSpec model) =>
        $"{model.Name}{(model.BatchNorm ? " with batch norm" : "")} for {model.Channels}x{model.Height}x{model.Width} and {model.Classes} classes";
}

/// <summary>Tells whether a result that is already there is the result of these very options.</summary>
public static class RunFingerprint
{
    /// <summary>
    /// SHA-256 over all options that decide about the result, in lower-case hex; not over paths, threads and how often to checkpoint. What
    /// was read and for whom is compared by itself: see <see cref="RunIdentity.Data"/> and <see cref="RunIdentity.Job"/>.
    /// </summary>
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
