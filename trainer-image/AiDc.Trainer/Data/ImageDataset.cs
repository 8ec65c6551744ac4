namespace AiDc.Trainer.Data;

/// <summary>All images of one split, in memory as bytes.</summary>
/// <param name="Count">Number of images.</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Rows of an image, in pixels.</param>
/// <param name="Width">Columns of an image, in pixels.</param>
/// <param name="Classes">Names of the classes; a label is an index into this list.</param>
/// <param name="Pixels">[Count, Channels, Height, Width], row-major, 0 to 255.</param>
/// <param name="Labels">[Count], each at least 0 and below the number of classes.</param>
public sealed record ImageDataset(
    int Count, int Channels, int Height, int Width, IReadOnlyList<string> Classes, byte[] Pixels, long[] Labels)
{
    /// <summary>Bytes of one image.</summary>
    public int ImageBytes => Channels * Height * Width;

    /// <summary>Of the same shape and classes, and empty.</summary>
    public ImageDataset WithoutSamples() => this with { Count = 0, Pixels = [], Labels = [] };

    /// <summary>The pixels of one image, [Channels, Height, Width].</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(checked(index * ImageBytes), ImageBytes);
}
