namespace AiDc.Trainer.Data;

/// <summary>Per channel the mean and the standard deviation of x/255, which a model's input is normalised with.</summary>
/// <param name="Mean">[Channels].</param>
/// <param name="Std">[Channels], above 0; 1 where all pixels are equal.</param>
public sealed record Normalization(float[] Mean, float[] Std)
{
    /// <summary>
    /// Of the training images, in one pass: a byte has 256 values, so counting them gives exact moments whatever the order.
    /// </summary>
    /// <param name="subset">Indices of the images that count, null for all.</param>
    public static Normalization Of(ImageDataset data, IReadOnlyList<int>? subset = null)
    {
        var counts = new long[data.Channels][];
        for (var c = 0; c < data.Channels; c++) counts[c] = new long[256];
        var plane = data.Height * data.Width;
        var images = subset?.Count ?? data.Count;
        for (var i = 0; i < images; i++)
        {
            var image = data.Image(subset is null ? i : subset[i]);
            for (var c = 0; c < data.Channels; c++) Count(image.Slice(c * plane, plane), counts[c]);
        }
        var moments = counts.Select(Moments).ToArray();
        return new([.. moments.Select(m => m.Mean)], [.. moments.Select(m => m.Std)]);
    }

    private static void Count(ReadOnlySpan<byte> pixels, long[] counts)
    {
        foreach (var value in pixels) counts[value]++;
    }

    private static (float Mean, float Std) Moments(long[] counts)
    {
        double n = 0, sum = 0, squares = 0;
        for (var value = 0; value < counts.Length; value++)
        {
            var x = value / 255.0;
            n += counts[value];
            sum += counts[value] * x;
            squares += counts[value] * x * x;
        }
        if (n == 0) return (0, 1);
        var mean = sum / n;
        var std = Math.Sqrt(Math.Max(0, squares / n - mean * mean));
        return ((float)mean, std < 1e-6 ? 1 : (float)std);
    }
}
