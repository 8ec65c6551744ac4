namespace AiDc.Trainer.Training;

/// <param name="Folder">Where the run's checkpoints lie; created when missing.</param>
/// <param name="Every">Time between two of them; above 0.</param>
/// <param name="Keep">How many stay; at least 1.</param>
/// <param name="Generation">The attempt that this process is; a later one outranks it.</param>
public sealed record CheckpointOptions(string Folder, TimeSpan Every, int Keep, int Generation);
