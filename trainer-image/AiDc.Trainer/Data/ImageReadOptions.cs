namespace AiDc.Trainer.Data;

/// <summary>What is going to be done with the data, which says what has to be there.</summary>
public enum Splits
{
    /// <summary>Training images have to be there; test images may be.</summary>
    ToTrain,

    /// <summary>Either will do.</summary>
    ToTest,
}

/// <summary>Choices for reading; all but <see cref="Splits"/> concern folders of images only, the other formats fix size and channels themselves.</summary>
public sealed record ImageReadOptions
{
    /// <summary>Images get this many rows and columns. Null: the size that all share, else <see cref="FallbackImageSize"/>.</summary>
    public int? ImageSize { get; init; }

    /// <summary>1 or 3. Null: 1 if every file is stored as grey, else 3.</summary>
    public int? Channels { get; init; }

    public Splits Splits { get; init; }

    /// <summary>Files that may be left out because they cannot be read as images; null: any number.</summary>
    public int? MostLeftOut { get; init; }

    /// <summary>Memory for images that are being decoded, in bytes, whatever their number.</summary>
    public long DecodingBytes { get; init; } = Math.Min(2L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Images decoded at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The size used for images of differing sizes when none was asked for.</summary>
    public const int FallbackImageSize = 64;
}
