using AiDc.Trainer.Data.Digits;

namespace AiDc.Trainer.Data;

/// <summary>
/// Draws handwritten-looking digits, for a machine without data: 28x28, grey, ink 255 on paper 0, the ten classes equally
/// often. An image is a pure function of seed, split and index.
/// </summary>
public static class DigitGenerator
{
    /// <summary>The largest split that fits into memory.</summary>
    public const int MaxCount = 2_500_000;

    private static readonly string[] Classes = [.. Enumerable.Range(0, 10).Select(k => $"{k}")];

    /// <summary>Writes both splits as gzipped IDX files with MNIST's names; each file appears whole or not at all.</summary>
    /// <param name="test">May be 0: then there is no test split.</param>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static void Write(
        string directory, int train, int test, ulong seed,
        IProgress<ReadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (train is < 1 or > MaxCount) throw new ConfigurationException($"--train {train}: give a number from 1 to {MaxCount}");
        if (test is < 0 or > MaxCount) throw new ConfigurationException($"--test {test}: give a number from 0 to {MaxCount}");
        var splits = new List<(string, ImageDataset)> { ("train", Generate(train, seed, DigitSplit.Train, progress, cancellationToken)) };
        if (test > 0) splits.Add(("t10k", Generate(test, seed, DigitSplit.Test, progress, cancellationToken)));
        IdxWriter.Write(directory, splits, cancellationToken);
    }

    public static ImageDataset Generate(
        int count, ulong seed, DigitSplit split = DigitSplit.Train,
        IProgress<ReadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        const int ImageBytes = Ink.Side * Ink.Side;
        var splitSeed = SplitMix64.Combine(seed, (ulong)split);
        var labels = Labels(count, splitSeed);
        var pixels = GC.AllocateUninitializedArray<byte>(checked(count * ImageBytes));
        var done = 0;
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var random = new Xoshiro256(SplitMix64.Combine(splitSeed, (ulong)i));
            Ink.Draw(Handwriting.Write((int)labels[i], random), random, pixels.AsSpan(i * ImageBytes, ImageBytes));
            var finished = Interlocked.Increment(ref done);
            if (finished % 1024 == 0 || finished == count) progress?.Report(new("drawing", finished, count));
        });
        return new(count, 1, Ink.Side, Ink.Side, Classes, pixels, labels);
    }

    private static long[] Labels(int count, ulong seed)
    {
        var labels = new long[count];
        for (var i = 0; i < count; i++) labels[i] = i % Classes.Length;
        new Xoshiro256(SplitMix64.Combine(seed, ulong.MaxValue)).Shuffle(labels.AsSpan());
        return labels;
    }
}
