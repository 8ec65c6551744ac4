using System.Text.Json.Serialization;

namespace AiDc.Trainer.Training;

/// <summary>What early stopping remembers: part of a checkpoint.</summary>
/// <param name="BestLoss">Lowest validation loss so far; null before the first epoch ended.</param>
/// <param name="BestEpoch">The epoch of that loss, counted from 1; 0 before the first.</param>
/// <param name="EpochsWithoutImprovement">Epochs since.</param>
public sealed record EarlyStopping(double? BestLoss = null, int BestEpoch = 0, int EpochsWithoutImprovement = 0)
{
    /// <summary>The state after an epoch with that validation loss. One that is not a finite number is no improvement, also as the first.</summary>
    public EarlyStopping After(int epoch, double validationLoss, double minDelta) =>
        double.IsFinite(validationLoss) && (BestLoss is not { } best || validationLoss < best - minDelta)
            ? new(validationLoss, epoch, 0)
            : this with { EpochsWithoutImprovement = EpochsWithoutImprovement + 1 };

    [JsonIgnore]
    public bool Improved => BestEpoch > 0 && EpochsWithoutImprovement == 0;

    public bool ShouldStop(EarlyStoppingOptions options) => EpochsWithoutImprovement >= options.Patience;
}
