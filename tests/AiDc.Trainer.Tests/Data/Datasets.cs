using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

internal static class Datasets
{
    /// <summary>Random pixels; labels go round.</summary>
    public static ImageDataset Random(int count, int channels, int height, int width, ulong seed, int classes = 4)
    {
        var random = new Xoshiro256(seed);
        var pixels = new byte[count * channels * height * width];
        foreach (ref var pixel in pixels.AsSpan()) pixel = (byte)random.Below(256);
        var labels = Enumerable.Range(0, count).Select(i => (long)(i % classes)).ToArray();
        return new(count, channels, height, width, [.. Enumerable.Range(0, classes).Select(k => $"{k}")], pixels, labels);
    }
}
