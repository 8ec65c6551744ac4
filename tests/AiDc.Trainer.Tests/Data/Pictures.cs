using SkiaSharp;

namespace AiDc.Trainer.Tests.Data;

/// <summary>Encoded images.</summary>
internal static class Pictures
{
    public static byte[] Png(int width, int height, Func<int, int, SKColor> colour, bool alpha = false)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, alpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) bitmap.SetPixel(x, y, colour(x, y));
        return Encode(bitmap, SKEncodedImageFormat.Png);
    }

    public static byte[] Png(int width, int height, SKColor colour) => Png(width, height, (_, _) => colour);

    public static byte[] Jpeg(int width, int height, SKColor colour)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(colour);
        return Encode(bitmap, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>Stored as grey.</summary>
    public static byte[] GreyJpeg(int width, int height, byte value) => Grey(width, height, value, SKEncodedImageFormat.Jpeg);

    /// <summary>Stored as grey.</summary>
    public static byte[] GreyPng(int width, int height, byte value) => Grey(width, height, value, SKEncodedImageFormat.Png);

    /// <summary>Puts an EXIF block that asks for a turn behind the start mark of a JPEG.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] tiff =
        [
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, // big-endian, first directory at 8
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0, // one entry: tag 0x0112, SHORT, 1 value
        ];
        byte[] exif = [.. "Exif\0\0"u8, .. tiff];
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)((exif.Length + 2) >> 8), (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    private static byte[] Grey(int width, int height, byte value, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(value, value, value));
        return Encode(bitmap, format);
    }

    private static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
