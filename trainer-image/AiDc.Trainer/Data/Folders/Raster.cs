namespace AiDc.Trainer.Data.Folders;

/// <summary>A decoded image.</summary>
/// <param name="Pixels">[Height, Width, Channels].</param>
internal sealed record Raster(int Height, int Width, int Channels, byte[] Pixels);
