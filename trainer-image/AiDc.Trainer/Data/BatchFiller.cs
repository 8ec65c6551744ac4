using System.Runtime.InteropServices;

namespace AiDc.Trainer.Data;

/// <summary>Gathers samples and normalises them; the scale and shift of each channel are computed once.</summary>
internal sealed class BatchFiller
{
    private readonly ImageDataset data;
    private readonly (float Scale, float Shift)[] factors;

    public BatchFiller(ImageDataset data, Normalization normalization)
    {
        if (normalization.Mean.Length != data.Channels || normalization.Std.Length != data.Channels)
            throw new ArgumentException(
                $"normalization of {normalization.Mean.Length} channels for images of {data.Channels}", nameof(normalization));
        this.data = data;
        factors = [.. normalization.Mean.Zip(normalization.Std, PixelNormalizer.Factors)];
    }

    /// <param name="order">[n] positions in the data set.</param>
    /// <param name="inputs">Bytes of float32 [at least n, C, H, W].</param>
    /// <param name="labels">Bytes of int64 [at least n].</param>
    public void Fill(ReadOnlySpan<int> order, Span<byte> inputs, Span<byte> labels)
    {
        var values = MemoryMarshal.Cast<byte, float>(inputs);
        var classes = MemoryMarshal.Cast<byte, long>(labels);
        var plane = data.Height * data.Width;
        for (var i = 0; i < order.Length; i++)
        {
            var image = data.Image(order[i]);
            var target = values.Slice(i * image.Length, image.Length);
            for (var c = 0; c < factors.Length; c++)
                PixelNormalizer.Apply(image.Slice(c * plane, plane), target.Slice(c * plane, plane), factors[c].Scale, factors[c].Shift);
            classes[i] = data.Labels[order[i]];
        }
    }
}
