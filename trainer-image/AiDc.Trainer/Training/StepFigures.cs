namespace AiDc.Trainer.Training;

/// <summary>What a reduced step says, the same on every rank.</summary>
/// <param name="Loss">Mean over the global batch.</param>
/// <param name="Correct">Samples of it whose class was found.</param>
/// <param name="Stopping">Ranks that were asked to end.</param>
internal sealed record StepFigures(double Loss, long Correct, int Stopping);
