using AiDc.Trainer.Data;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Training;

/// <summary>A run as the command line asks for it.</summary>
/// <param name="ValidationSplit">Share of the training images that is held back to validate on, in [0, 1).</param>
/// <param name="EarlyStopping">Null: all epochs are trained.</param>
/// <param name="Checkpoints">Null: the run cannot be resumed.</param>
/// <param name="Output">Folder of the result bundle.</param>
/// <param name="Threads">Threads of one operation.</param>
/// <param name="Report">A JSON file for <see cref="TrainingFigures"/>; null for none.</param>
public sealed record TrainingOptions(
    string Data,
    DataFormat Format,
    double ValidationSplit,
    ModelOptions Model,
    int Epochs,
    int BatchSize,
    OptimizerOptions Optimizer,
    ScheduleOptions Schedule,
    EarlyStoppingOptions? EarlyStopping,
    ulong Seed,
    CheckpointOptions? Checkpoints,
    string Output,
    int Threads,
    string? Report)
{
    /// <summary>Rows and columns of the pictures of a folder; null: the size that all share, else the reader's own choice.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Files that may be left out of the data because they cannot be read; null: any number.</summary>
    public int? MostLeftOut { get; init; }

    /// <summary>Most samples that a process computes at once; null: its whole share of the batch.</summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>Largest Euclidean norm of a step's gradient; null: any.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Batch norm over the samples of all ranks instead of each rank's own.</summary>
    public bool SyncBatchNorm { get; init; }

    /// <summary>Ends the run after so many steps, wherever in an epoch that is; null: after its epochs.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Folder in which each process writes down which samples it read; null for none.</summary>
    public string? Ledger { get; init; }
}

/// <param name="Folder">Where the run's checkpoints lie; created when missing.</param>
/// <param name="Every">Time between two of them; above 0.</param>
/// <param name="Keep">How many stay; at least 1.</param>
/// <param name="Generation">The attempt that this process is; a later one outranks it.</param>
public sealed record CheckpointOptions(string Folder, TimeSpan Every, int Keep, int Generation);

/// <param name="Patience">Epochs without an improvement of the validation loss after which the run ends; at least 1.</param>
/// <param name="MinDelta">By how much the loss must fall to count as an improvement; at least 0.</param>
public sealed record EarlyStoppingOptions(int Patience, double MinDelta);

/// <param name="LearningRate">Before the schedule; above 0.</param>
/// <param name="Momentum">SGD only, in [0, 1).</param>
/// <param name="WeightDecay">At least 0: an L2 term of the gradient for adam and sgd, decoupled for adamw.</param>
public sealed record OptimizerOptions(OptimizerKind Kind, double LearningRate, double Momentum, double WeightDecay);

public enum OptimizerKind
{
    Adam,
    Sgd,
    AdamW,
}

/// <param name="WarmupSteps">Steps over which the rate rises linearly to its full value; 0 for none.</param>
/// <param name="StepEpochs">Epochs between two reductions, for step.</param>
/// <param name="Gamma">Factor of a reduction, in (0, 1], for step and exponential.</param>
public sealed record ScheduleOptions(ScheduleKind Kind, int WarmupSteps = 0, int StepEpochs = 1, double Gamma = 0.1);

/// <summary>How the learning rate changes over the run.</summary>
public enum ScheduleKind
{
    Constant,

    /// <summary>Multiplied by gamma every stepEpochs epochs.</summary>
    Step,

    /// <summary>Half a cosine from the full rate to 0 at the last step.</summary>
    Cosine,

    /// <summary>Multiplied by gamma every epoch.</summary>
    Exponential,
}
