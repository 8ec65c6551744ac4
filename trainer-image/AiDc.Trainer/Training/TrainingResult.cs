namespace AiDc.Trainer.Training;

/// <summary>What a finished run leaves behind.</summary>
/// <param name="Path">The folder with model.json and model.safetensors.</param>
/// <param name="Metrics">testAccuracy, testLoss, validationAccuracy, validationLoss, trainAccuracy, trainLoss, epochs; those that are known.</param>
public sealed record TrainingResult(string Path, IReadOnlyDictionary<string, double> Metrics);
