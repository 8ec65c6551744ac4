namespace AiDc.Trainer.Data.Folders;

/// <summary>What the head of an image file says.</summary>
/// <param name="Height">Rows, after the turn that a camera asks for.</param>
/// <param name="Width">Columns, after the turn.</param>
/// <param name="Grey">Stored as grey.</param>
internal readonly record struct ImageHeader(int Height, int Width, bool Grey);
