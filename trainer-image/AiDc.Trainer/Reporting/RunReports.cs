namespace AiDc.Trainer.Reporting;

/// <summary>What the run is busy with.</summary>
public enum TrainingPhase
{
    Loading,
    Training,
    Validating,
    Testing,
}

/// <summary>How far the run is.</summary>
/// <param name="Epoch">The epoch being worked on, counted from 1; 0 while loading.</param>
/// <param name="Step">Optimizer steps done since the beginning of the run, resumed ones included.</param>
/// <param name="TotalSteps">Steps of the whole run, unless early stopping ends it before.</param>
/// <param name="Loss">Mean training loss over the steps since the report before; NaN before the first step.</param>
/// <param name="Metrics">accuracy (of the epoch so far) and, once known, validationAccuracy and validationLoss; each in [0, 1] or a mean loss.</param>
/// <param name="SamplesPerSecond">Since the report before; 0 before the first step.</param>
/// <param name="StepSeconds">Mean duration of a step since the report before.</param>
/// <param name="DataWaitShare">Share of the training time so far that went into waiting for data, in [0, 1].</param>
/// <param name="Eta">Time left at the present speed; null where unknown.</param>
public sealed record TrainingProgress(
    TrainingPhase Phase,
    int Epoch,
    int Epochs,
    long Step,
    long TotalSteps,
    double Loss,
    IReadOnlyDictionary<string, double> Metrics,
    double SamplesPerSecond,
    double StepSeconds,
    double DataWaitShare,
    TimeSpan? Eta);

/// <param name="Epoch">Counted from 1.</param>
/// <param name="Metrics">trainLoss, trainAccuracy and, with a validation split, validationLoss and validationAccuracy.</param>
public sealed record EpochSummary(int Epoch, int Epochs, long Step, double LearningRate, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A checkpoint that is complete on disk.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Bytes">Size of all of its files.</param>
/// <param name="Duration">From the copy of the weights to the last fsync.</param>
public sealed record CheckpointInfo(int Generation, long Step, string Path, long Bytes, TimeSpan Duration);

/// <summary>What a finished run leaves behind.</summary>
/// <param name="Path">The folder with model.json and model.safetensors.</param>
/// <param name="Metrics">testAccuracy, testLoss, validationAccuracy, validationLoss, trainAccuracy, trainLoss, epochs; those that are known.</param>
public sealed record TrainingResult(string Path, IReadOnlyDictionary<string, double> Metrics);

/// <summary>Something a person should know of the run that is no figure.</summary>
/// <param name="Level">info or warning.</param>
/// <param name="Event">started, resumed, checkpoint-skipped, stopping, ...</param>
public sealed record TrainingNote(string Level, string Event, string Message);
