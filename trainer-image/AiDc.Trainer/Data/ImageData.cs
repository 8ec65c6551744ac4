namespace AiDc.Trainer.Data;

/// <summary>What a data folder holds: the images to train on and, where there are any, those to test with.</summary>
/// <param name="Train">Without a sample where only the test images were asked for and there are no others.</param>
public sealed record ImageData(ImageDataset Train, ImageDataset? Test)
{
    /// <summary>Choices that the reader made and a person should know, a sentence each: a new size, a folder left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Files that look like data and are not among the images; the notes say why.</summary>
    public int LeftOut { get; init; }
}
