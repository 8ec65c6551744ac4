namespace AiDc.Trainer.Data;

/// <summary>What a data folder holds; <paramref name="Test"/> is null where it has no test split.</summary>
public sealed record ImageData(ImageDataset Train, ImageDataset? Test);
