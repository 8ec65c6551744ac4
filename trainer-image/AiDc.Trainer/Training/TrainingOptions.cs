using AiDc.Trainer.Data;
using AiDc.Trainer.Models;

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
