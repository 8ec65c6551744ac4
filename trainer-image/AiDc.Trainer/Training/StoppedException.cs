namespace AiDc.Trainer.Training;

/// <summary>The run ended early because a signal asked for it; what was done is in a checkpoint.</summary>
public sealed class StoppedException(int exitCode) : TrainerException(
    exitCode == ExitCodes.Terminated ? "stopped by SIGTERM" : "stopped by SIGINT", exitCode);
