namespace AiDc.Trainer.Training;

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
