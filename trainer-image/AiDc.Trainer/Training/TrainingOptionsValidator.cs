using AiDc.Trainer.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Training;

/// <summary>Finds what is wrong with options by themselves, before any data is read.</summary>
public static class TrainingOptionsValidator
{
    /// <returns>One line per problem, each with the option and how to fix it; empty when all is well.</returns>
    public static IReadOnlyList<string> Validate(TrainingOptions o) =>
    [
        .. Problems(o).Where(p => p.Wrong).Select(p => p.Message),
    ];

    private static IEnumerable<(bool Wrong, string Message)> Problems(TrainingOptions o) =>
    [
        .. new[] { ("--data", o.Data), ("--checkpoint-dir", o.Checkpoints?.Folder), ("--output", o.Output) }
            .Select(p => (S3Uri.Problem(p.Item2) is not null, $"{p.Item1} {p.Item2}: {S3Uri.Problem(p.Item2)}")),
        (!ModelCatalog.Names.Contains(o.Model.Name), $"--model {o.Model.Name}: there is no such model; use one of {string.Join(", ", ModelCatalog.Names)}"),
        (!Within(o.Model.Dropout, 0, 1), $"--dropout {o.Model.Dropout}: use a share of at least 0 and below 1"),
        (!Within(o.ValidationSplit, 0, 1), $"--validation-split {o.ValidationSplit}: use a share of at least 0 and below 1"),
        (o.Epochs < 1, $"--epochs {o.Epochs}: use at least 1"),
        (o.BatchSize < 1, $"--batch-size {o.BatchSize}: use at least 1"),
        (o.MicroBatchSize < 1, $"--micro-batch-size {o.MicroBatchSize}: use at least 1"),
        (o.ClipNorm is { } norm && !(norm > 0 && double.IsFinite(norm)), $"--clip-norm {o.ClipNorm}: use a number above 0"),
        (o.MaxSteps < 1, $"--max-steps {o.MaxSteps}: use at least 1"),
        (o is { SyncBatchNorm: true, Model.BatchNorm: false }, "--sync-batch-norm needs --batch-norm: without it there is nothing to synchronise"),
        (!(o.Optimizer.LearningRate > 0 && double.IsFinite(o.Optimizer.LearningRate)), $"--learning-rate {o.Optimizer.LearningRate}: use a number above 0"),
        (!Within(o.Optimizer.Momentum, 0, 1), $"--momentum {o.Optimizer.Momentum}: use a number of at least 0 and below 1"),
        (o.Optimizer is { Momentum: > 0, Kind: not OptimizerKind.Sgd }, $"--momentum {o.Optimizer.Momentum}: only --optimizer sgd has a momentum; leave it out or use sgd"),
        (!(o.Optimizer.WeightDecay >= 0 && double.IsFinite(o.Optimizer.WeightDecay)), $"--weight-decay {o.Optimizer.WeightDecay}: use a number of at least 0"),
        (o.Schedule.WarmupSteps < 0, $"--warmup-steps {o.Schedule.WarmupSteps}: use at least 0"),
        (o.Schedule.StepEpochs < 1, $"--step-epochs {o.Schedule.StepEpochs}: use at least 1"),
        (!(o.Schedule.Gamma is > 0 and <= 1), $"--gamma {o.Schedule.Gamma}: use a factor above 0 and at most 1"),
        (o.EarlyStopping is { Patience: < 1 }, $"--early-stopping-patience {o.EarlyStopping?.Patience}: use at least 1"),
        (o.EarlyStopping is { } stopping && !(stopping.MinDelta >= 0 && double.IsFinite(stopping.MinDelta)), $"--early-stopping-min-delta {o.EarlyStopping?.MinDelta}: use a number of at least 0"),
        (o.EarlyStopping is not null && o.ValidationSplit == 0, "--early-stopping-patience needs data to validate on: set --validation-split above 0, for example 0.1"),
        (o.Checkpoints is { } c && c.Every <= TimeSpan.Zero, $"--checkpoint-every {o.Checkpoints?.Every}: use a time above 0, for example 30s"),
        (o.Checkpoints is { Keep: < 1 }, $"--checkpoint-keep {o.Checkpoints?.Keep}: use at least 1"),
        (o.Threads < 1, $"--threads {o.Threads}: use at least 1"),
    ];

    private static bool Within(double value, double from, double below) => value >= from && value < below;
}
