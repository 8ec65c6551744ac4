using System.Text.Json.Serialization;

namespace AiDc.Trainer.Training;

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
