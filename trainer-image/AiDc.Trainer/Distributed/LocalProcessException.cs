namespace AiDc.Trainer.Distributed;

/// <summary>One of the pod's processes ended before the others.</summary>
public sealed class LocalProcessException(string message, int exitCode) : TrainerException(message, exitCode);
