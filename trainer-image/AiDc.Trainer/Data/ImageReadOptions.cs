namespace AiDc.Trainer.Data;

/// <summary>Choices for reading; they concern folders of images only, the other formats fix size and channels themselves.</summary>
public sealed record ImageReadOptions
{
    /// <summary>Images get this many rows and columns. Null: the size that all share, else <see cref="FallbackImageSize"/>.</summary>
    public int? ImageSize { get; init; }

    /// <summary>1 or 3. Null: 1 if every file is stored as grey, else 3.</summary>
    public int? Channels { get; init; }

    /// <summary>Images decoded at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The size used for images of differing sizes when none was asked for.</summary>
    public const int FallbackImageSize = 64;
}
