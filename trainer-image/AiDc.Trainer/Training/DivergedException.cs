namespace AiDc.Trainer.Training;

/// <summary>The loss is not a number any more, and going back to a checkpoint did not help or was not possible.</summary>
public sealed class DivergedException(string message) : TrainerException(message, ExitCodes.Diverged);
