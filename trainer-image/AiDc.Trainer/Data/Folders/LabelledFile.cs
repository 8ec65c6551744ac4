namespace AiDc.Trainer.Data.Folders;

/// <summary>An image file and the index of its class.</summary>
internal readonly record struct LabelledFile(ImageFile File, int Label);
