namespace AiDc.Trainer.Data;

/// <summary>All images of a split in memory.</summary>
/// <param name="Pixels">[Count, Channels, Height, Width], row-major, one byte a value.</param>
/// <param name="Labels">[Count], each in [0, Classes.Count).</param>
public sealed record ImageDataset(int Count, int Channels, int Height, int Width, IReadOnlyList<string> Classes, byte[] Pixels, long[] Labels);
