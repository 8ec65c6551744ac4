namespace AiDc.Trainer.Data.Folders;

/// <summary>A decoded image.</summary>
/// <param name="Pixels">[Height, Width, Channels].</param>
internal sealed record Raster(int Height, int Width, int Channels, byte[] Pixels);

/// <summary>What the head of an image file says.</summary>
/// <param name="Height">Rows, after the turn that a camera asks for.</param>
/// <param name="Width">Columns, after the turn.</param>
/// <param name="Grey">Stored as grey.</param>
internal readonly record struct ImageHeader(int Height, int Width, bool Grey);
