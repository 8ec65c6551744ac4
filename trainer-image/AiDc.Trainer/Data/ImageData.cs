namespace AiDc.Trainer.Data;

/// <summary>What a data folder holds: the images to train on and, where there are any, those to test with.</summary>
public sealed record ImageData(ImageDataset Train, ImageDataset? Test)
{
    /// <summary>Choices that the reader made and a person should know, a sentence each: a new size, a folder left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
