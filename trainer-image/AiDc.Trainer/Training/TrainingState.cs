using System.Text.Json.Serialization;

namespace AiDc.Trainer.Training;

/// <summary>All of a run but its tensors: the content of state.json.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Epoch">Epochs completed; the one under way has this index.</param>
/// <param name="BatchInEpoch">Batches of that epoch done.</param>
/// <param name="EpochSums">Of the batches of the epoch that are done.</param>
/// <param name="Metrics">Of the last completed epoch.</param>
/// <param name="BestMetrics">Of the epoch whose weights are kept for early stopping; null without.</param>
public sealed record TrainingState(
    RunIdentity Run,
    long Step,
    int Epoch,
    int BatchInEpoch,
    EpochSums EpochSums,
    EarlyStopping EarlyStopping,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, double>? BestMetrics)
{
    public int FormatVersion { get; init; } = 1;
}

/// <summary>Running sums over the samples of an epoch.</summary>
/// <param name="Loss">Sum of the samples' losses.</param>
/// <param name="Correct">Samples whose class was found.</param>
public sealed record EpochSums(double Loss = 0, long Correct = 0, long Samples = 0)
{
    [JsonIgnore]
    public double MeanLoss => Loss / Samples;

    [JsonIgnore]
    public double Accuracy => (double)Correct / Samples;

    public EpochSums Add(double meanLoss, long correct, long samples) => new(Loss + meanLoss * samples, Correct + correct, Samples + samples);
}
