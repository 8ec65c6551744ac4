namespace AiDc.Trainer.Data.Folders;

/// <summary>What all images are brought to, and a sentence about it where it was a choice.</summary>
internal sealed record ImageShape(int Channels, int Height, int Width, string? Note)
{
    /// <summary>
    /// The size asked for; else the one that all images share; else <see cref="ImageReadOptions.FallbackImageSize"/> squared.
    /// Colour, unless asked otherwise or all images are stored as grey.
    /// </summary>
    public static ImageShape Choose(IReadOnlyList<ImageHeader> images, ImageReadOptions options)
    {
        var channels = options.Channels ?? (images.All(image => image.Grey) ? 1 : 3);
        var sizes = images.Select(image => (image.Height, image.Width)).Distinct().Order().ToArray();
        if (options.ImageSize is null && sizes.Length == 1) return new(channels, sizes[0].Height, sizes[0].Width, null);
        var side = options.ImageSize ?? ImageReadOptions.FallbackImageSize;
        if (sizes.Length == 1 && sizes[0] == (side, side)) return new(channels, side, side, null);
        return new(channels, side, side,
            $"Images of {sizes.Length} size{(sizes.Length == 1 ? "" : "s")} ({Show(sizes[0])} to {Show(sizes[^1])}) are scaled to {side}x{side}, not distorted, with black borders"
            + (options.ImageSize is null ? "; choose another size with --image-size (data.imageSize of a TrainingJob)." : "."));
    }

    private static string Show((int Height, int Width) size) => $"{size.Height}x{size.Width}";
}
