using SkiaSharp;

namespace AiDc.Trainer.Data.Folders;

/// <summary>
/// Decodes PNG, JPEG and what else Skia reads: turned as the camera's EXIF mark asks, transparent parts on white, without
/// colour management. Grey out of colour is luma (ITU-R BT.601).
/// </summary>
internal static class ImageDecoder
{
    /// <summary>Most pixels of one image; decoding needs 4 bytes for each.</summary>
    private const long MostPixels = 64L << 20;

    /// <summary>
    /// What decoding one takes at once, in bytes: Skia's rows as RGBA, the coefficients that a progressive JPEG keeps (two bytes for
    /// each of three components, ITU-T T.81), our pixels, and those once more where a camera asks for a turn.
    /// </summary>
    public static long MemoryFor(ImageHeader image, int channels) => (long)image.Height * image.Width * (4 + 6 + 2 * channels);

    public static ImageHeader Header(ImageFile file, byte[] content)
    {
        using var codec = Open(file, content);
        var info = codec.Info;
        return Turned(codec.EncodedOrigin)
            ? new(info.Width, info.Height, info.ColorType == SKColorType.Gray8)
            : new(info.Height, info.Width, info.ColorType == SKColorType.Gray8);
    }

    /// <param name="channels">1 or 3.</param>
    public static Raster Decode(ImageFile file, byte[] content, int channels)
    {
        using var codec = Open(file, content);
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888,
            codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
        var rgba = GC.AllocateUninitializedArray<byte>(info.BytesSize);
        if (GetPixels(codec, info, rgba) is var result && result != SKCodecResult.Success)
            throw new DataException(file.Name, result == SKCodecResult.IncompleteInput
                ? $"is cut off: its {content.Length} bytes end before the last of its {info.Width}x{info.Height} pixels"
                : $"is damaged ({result})", "Replace it by an undamaged copy, or remove it");
        var pixels = channels == 1 ? Grey(rgba) : Colour(rgba);
        return Turn(new(info.Height, info.Width, channels, pixels), codec.EncodedOrigin);
    }

    private static SKCodec Open(ImageFile file, byte[] content)
    {
        if (content.Length == 0) throw new DataException(file.Name, "is empty", "Replace it by an undamaged copy, or remove it");
        using var data = SKData.CreateCopy(content);
        var codec = SKCodec.Create(data) ?? throw new DataException(
            file.Name, "is no image that can be read (neither PNG nor JPEG), or damaged in its head", "Replace it by an undamaged copy, or remove it");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width > 0 && height > 0 && (long)width * height <= MostPixels) return codec;
        codec.Dispose();
        throw new DataException(file.Name, $"declares {width}x{height} pixels, at most {MostPixels >> 20} million can be read", "Make the image smaller, or remove it");
    }

    private static unsafe SKCodecResult GetPixels(SKCodec codec, SKImageInfo info, byte[] target)
    {
        fixed (byte* start = target) return codec.GetPixels(info, (IntPtr)start);
    }

    /// <summary>Colours come multiplied by their opacity, so white shows through with the rest of it.</summary>
    private static byte[] Colour(byte[] rgba)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * 3);
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            var white = 255 - rgba[from + 3];
            pixels[to] = (byte)(rgba[from] + white);
            pixels[to + 1] = (byte)(rgba[from + 1] + white);
            pixels[to + 2] = (byte)(rgba[from + 2] + white);
        }
        return pixels;
    }

    private static byte[] Grey(byte[] rgba)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(rgba.Length / 4);
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to++)
        {
            // 0.299, 0.587 and 0.114 in 1/65536; they add up to 65536, so grey stays exactly what it is.
            var luma = (19595 * rgba[from] + 38470 * rgba[from + 1] + 7471 * rgba[from + 2] + 32768) >> 16;
            pixels[to] = (byte)(luma + 255 - rgba[from + 3]);
        }
        return pixels;
    }

    private static bool Turned(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>The eight orientations of EXIF 2.3, tag 0x0112.</summary>
    private static Raster Turn(Raster image, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default) return image;
        var (right, bottom, channels) = (image.Width - 1, image.Height - 1, image.Channels);
        var (height, width) = Turned(origin) ? (image.Width, image.Height) : (image.Height, image.Width);
        var pixels = new byte[image.Pixels.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (column, row) = origin switch
                {
                    SKEncodedOrigin.TopRight => (right - x, y),
                    SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                    SKEncodedOrigin.BottomLeft => (x, bottom - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, bottom - x),
                    SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                image.Pixels.AsSpan((row * image.Width + column) * channels, channels).CopyTo(pixels.AsSpan((y * width + x) * channels));
            }
        }
        return new(height, width, channels, pixels);
    }
}
