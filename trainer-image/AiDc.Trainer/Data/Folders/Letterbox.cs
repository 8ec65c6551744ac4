namespace AiDc.Trainer.Data.Folders;

/// <summary>
/// Brings an image to a size without distorting or cutting it: scaled until it just fits, centred, the rest black. A
/// triangle filter, widened when shrinking so that every source pixel counts (P. Heckbert, "Filtered image rescaling", 1992).
/// </summary>
internal static class Letterbox
{
    /// <param name="target">[Channels, height, width], overwritten.</param>
    public static void Fit(Raster image, int height, int width, Span<byte> target)
    {
        if (image.Height == height && image.Width == width)
        {
            Place(image, height, width, target);
            return;
        }
        var scale = Math.Min((double)height / image.Height, (double)width / image.Width);
        var inner = (Height: Math.Clamp((int)Math.Round(image.Height * scale), 1, height), Width: Math.Clamp((int)Math.Round(image.Width * scale), 1, width));
        target.Clear();
        Place(Resize(image, inner.Height, inner.Width), height, width, target);
    }

    public static Raster Resize(Raster image, int height, int width)
    {
        var channels = image.Channels;
        var (columns, rows) = (Weights(image.Width, width), Weights(image.Height, height));
        var narrow = new float[image.Height * width * channels];
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (first, weights) = columns[x];
                for (var c = 0; c < channels; c++)
                {
                    var sum = 0f;
                    for (var k = 0; k < weights.Length; k++) sum += weights[k] * image.Pixels[(y * image.Width + first + k) * channels + c];
                    narrow[(y * width + x) * channels + c] = sum;
                }
            }
        }
        return new(height, width, channels, Shorten(narrow, width * channels, rows));
    }

    private static byte[] Shorten(float[] narrow, int rowLength, (int First, float[] Weights)[] rows)
    {
        var pixels = new byte[rows.Length * rowLength];
        for (var y = 0; y < rows.Length; y++)
        {
            var (first, weights) = rows[y];
            for (var i = 0; i < rowLength; i++)
            {
                var sum = 0.5f;
                for (var k = 0; k < weights.Length; k++) sum += weights[k] * narrow[(first + k) * rowLength + i];
                pixels[y * rowLength + i] = (byte)Math.Clamp(sum, 0, 255);
            }
        }
        return pixels;
    }

    /// <returns>For each target pixel the first source pixel that counts and the weights from there on, which add up to 1.</returns>
    private static (int First, float[] Weights)[] Weights(int source, int target)
    {
        var scale = (double)source / target;
        var reach = Math.Max(1, scale);
        return [.. Enumerable.Range(0, target).Select(i =>
        {
            var centre = (i + 0.5) * scale - 0.5;
            var first = Math.Max(0, (int)Math.Ceiling(centre - reach));
            var last = Math.Min(source - 1, (int)Math.Floor(centre + reach));
            var weights = Enumerable.Range(first, last - first + 1).Select(k => Math.Max(0, 1 - Math.Abs(k - centre) / reach)).ToArray();
            var sum = weights.Sum();
            return (first, weights.Select(w => (float)(w / sum)).ToArray());
        })];
    }

    private static void Place(Raster image, int height, int width, Span<byte> target)
    {
        var (top, left) = ((height - image.Height) / 2, (width - image.Width) / 2);
        for (var c = 0; c < image.Channels; c++)
            for (var y = 0; y < image.Height; y++)
                for (var x = 0; x < image.Width; x++)
                    target[(c * height + top + y) * width + left + x] = image.Pixels[(y * image.Width + x) * image.Channels + c];
    }
}
