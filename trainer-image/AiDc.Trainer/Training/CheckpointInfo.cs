namespace AiDc.Trainer.Training;

/// <summary>A checkpoint that is complete on disk.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Bytes">Size of all of its files.</param>
/// <param name="Duration">From the copy of the weights to the last fsync.</param>
public sealed record CheckpointInfo(int Generation, long Step, string Path, long Bytes, TimeSpan Duration);
