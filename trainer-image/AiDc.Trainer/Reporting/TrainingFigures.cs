namespace AiDc.Trainer.Reporting;

/// <summary>What was measured of the process's part of a run; written by --report and into model.json.</summary>
/// <param name="SamplesPerSecond">Of the training loop without its first step, evaluation and reading.</param>
/// <param name="FirstStepSeconds">From the start of the process to the end of the first step.</param>
/// <param name="DataWaitShare">Share of the training loop's time that waited for a batch, in [0, 1].</param>
/// <param name="StepSeconds">Mean, without the first.</param>
/// <param name="PeakMemoryMiB">Resident, of the process.</param>
/// <param name="LiveTensorGrowth">Over 1,000 steps; null for shorter runs.</param>
/// <param name="Steps">Steps done by this process.</param>
public sealed record TrainingFigures(
    double SamplesPerSecond,
    double FirstStepSeconds,
    double DataWaitShare,
    double StepSeconds,
    double PeakMemoryMiB,
    long? LiveTensorGrowth,
    long Steps,
    int Threads,
    double TrainingSeconds,
    double CheckpointCopySeconds)
{
    /// <summary>Ranks that trained together at the end.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>Share of the training loop's time spent in collectives, in [0, 1]; the waiting for slower ranks included.</summary>
    public double CollectiveShare { get; init; }

    /// <summary>Bytes of the tensors that this process summed over the ranks, without its first step.</summary>
    public long BytesReduced { get; init; }

    /// <summary>How often the run went back to a checkpoint because a loss, a gradient or a weight was not finite.</summary>
    public int Rollbacks { get; init; }

    /// <summary>Of the last step's global batch, before its update; null when there was no step.</summary>
    public double? LossAfterSteps { get; init; }

    /// <summary>Over all weights at the end of the training, by name, in lower-case hex: equal for equal bits.</summary>
    public string? ParametersSha256 { get; init; }
}
