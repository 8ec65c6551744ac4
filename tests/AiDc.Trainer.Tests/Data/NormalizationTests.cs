using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class NormalizationTests
{
    [Test]
    public void Mean_and_deviation_are_those_of_the_textbook_per_channel()
    {
        var data = Datasets.Random(count: 20, channels: 3, height: 5, width: 7, seed: 3);
        var normalization = Normalization.Of(data);
        for (var c = 0; c < 3; c++)
        {
            var values = (from i in Enumerable.Range(0, 20) from p in Enumerable.Range(0, 35) select data.Image(i)[c * 35 + p] / 255.0).ToArray();
            var mean = values.Average();
            Assert.That(normalization.Mean[c], Is.EqualTo(mean).Within(1e-6));
            Assert.That(normalization.Std[c], Is.EqualTo(Math.Sqrt(values.Average(v => (v - mean) * (v - mean)))).Within(1e-6));
        }
    }

    [Test]
    public void Only_the_subset_counts()
    {
        var data = new ImageDataset(2, 1, 1, 2, ["a", "b"], [0, 255, 9, 9], [0, 1]);
        Assert.That(Normalization.Of(data, [0]).Mean[0], Is.EqualTo(0.5f));
    }

    [Test]
    public void Constant_images_do_not_divide_by_zero()
    {
        var data = new ImageDataset(1, 1, 1, 3, ["a", "b"], [51, 51, 51], [0]);
        Assert.That(Normalization.Of(data).Std[0], Is.EqualTo(1f));
    }

    [Test]
    public void Wide_and_narrow_code_give_the_same_bits()
    {
        var pixels = Enumerable.Range(0, 1000).Select(i => (byte)(i * 37)).ToArray();
        var (scale, shift) = PixelNormalizer.Factors(0.1307f, 0.3081f);
        for (var length = 0; length < 70; length++)
        {
            var values = new float[length];
            PixelNormalizer.Apply(pixels.AsSpan(3, length), values, scale, shift);
            Assert.That(values, Is.EqualTo(pixels.Skip(3).Take(length).Select(p => p * scale + shift)));
        }
    }

    [Test]
    public void Normalised_pixels_have_mean_zero_and_deviation_one()
    {
        var data = Datasets.Random(count: 50, channels: 1, height: 8, width: 8, seed: 1);
        var normalization = Normalization.Of(data);
        var (scale, shift) = PixelNormalizer.Factors(normalization.Mean[0], normalization.Std[0]);
        var values = new float[data.Pixels.Length];
        PixelNormalizer.Apply(data.Pixels, values, scale, shift);
        Assert.Multiple(() =>
        {
            Assert.That(values.Average(), Is.EqualTo(0).Within(1e-4));
            Assert.That(values.Average(v => v * v), Is.EqualTo(1).Within(1e-4));
        });
    }
}
