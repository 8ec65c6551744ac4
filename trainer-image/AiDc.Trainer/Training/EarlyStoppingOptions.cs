namespace AiDc.Trainer.Training;

/// <param name="Patience">Epochs without an improvement of the validation loss after which the run ends; at least 1.</param>
/// <param name="MinDelta">By how much the loss must fall to count as an improvement; at least 0.</param>
public sealed record EarlyStoppingOptions(int Patience, double MinDelta);
