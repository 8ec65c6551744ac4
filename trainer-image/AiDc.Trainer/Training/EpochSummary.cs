namespace AiDc.Trainer.Training;

/// <param name="Epoch">Counted from 1.</param>
/// <param name="Metrics">trainLoss, trainAccuracy and, with a validation split, validationLoss and validationAccuracy.</param>
public sealed record EpochSummary(int Epoch, int Epochs, long Step, double LearningRate, IReadOnlyDictionary<string, double> Metrics);
