using AiDc.Trainer.Data;
using TorchSharp;

namespace AiDc.Trainer.Tests.Data;

/// <summary>Counts live tensors of the whole process, so nothing else may run beside it.</summary>
[NonParallelizable]
public sealed class BatchLoaderTests
{
    private static readonly ImageDataset Data = Datasets.Random(count: 23, channels: 2, height: 3, width: 5, seed: 9);
    private static readonly Normalization Norm = Normalization.Of(Data);
    private long tensors;

    [SetUp]
    public void SetUp() => tensors = torch.Tensor.TotalCount;

    [TearDown]
    public void No_tensor_and_no_thread_is_left()
    {
        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(tensors));
        // The system's list of threads lags a little behind Join.
        Assert.That(() => LoaderThreads(), Is.Zero.After(10_000, 10));
    }

    [Test]
    public void An_epoch_gives_each_sample_once_normalised_with_its_label([Values(1, 4, 23, 100)] int batchSize, [Values] bool shuffle)
    {
        using var loader = Loader(batchSize, shuffle);
        var seen = new List<int>();
        foreach (var batch in loader.Epoch(2))
        {
            AssertContent(batch);
            seen.AddRange(batch.Indices);
        }
        Assert.That(seen, Is.EqualTo(shuffle ? EpochOrder.Permutation(5, 2, 23) : EpochOrder.Sequence(23)));
        Assert.That(loader.BatchesPerEpoch, Is.EqualTo((23 + batchSize - 1) / batchSize));
    }

    [Test]
    public void A_resumed_epoch_gives_exactly_the_rest([Range(0, 6)] int firstBatch)
    {
        using var loader = Loader(4, shuffle: true);
        var whole = loader.Epoch(3).Select(Copy).ToArray();
        var rest = loader.Epoch(3, firstBatch).Select(Copy).ToArray();
        Assert.That(rest, Is.EqualTo(whole.Skip(firstBatch)));
    }

    [Test]
    public void A_subset_gives_its_own_samples_only()
    {
        using var loader = new BatchLoader(Data, [20, 3, 7, 11], 3, Norm, seed: 1, shuffle: true);
        var seen = loader.Epoch(0).SelectMany(batch =>
        {
            AssertContent(batch);
            return batch.Indices;
        }).ToArray();
        Assert.That(seen.Order(), Is.EqualTo(new[] { 3, 7, 11, 20 }));
    }

    [Test]
    public void Leaving_early_and_starting_again_works()
    {
        using var loader = Loader(2, shuffle: true);
        for (var epoch = 0; epoch < 50; epoch++)
        {
            foreach (var batch in loader.Epoch(epoch))
            {
                AssertContent(batch);
                if (batch.Indices[0] % 3 == 0) break;
            }
        }
        Assert.That(loader.Epoch(0).Sum(batch => batch.Indices.Length), Is.EqualTo(23));
    }

    [Test]
    public void What_the_filling_thread_throws_comes_out_in_the_consumer_after_the_good_batches()
    {
        var torn = Data with { Pixels = Data.Pixels[..^1] };
        using var loader = new BatchLoader(torn, null, 10, Norm, seed: 1, shuffle: false);
        var good = 0;
        Assert.That(() =>
        {
            foreach (var batch in loader.Epoch(0)) good++;
        }, Throws.InstanceOf<ArgumentException>());
        Assert.That(good, Is.EqualTo(2));
    }

    [Test]
    public void The_buffers_are_filled_again_and_again()
    {
        using var loader = Loader(1, shuffle: true);
        var live = torch.Tensor.TotalCount;
        foreach (var _ in loader.Epoch(0)) Assert.That(torch.Tensor.TotalCount, Is.EqualTo(live + 2));
        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(live));
        Assert.That(torch.Tensor.PeakCount, Is.GreaterThanOrEqualTo(live + 2));
    }

    [Test]
    public void A_scope_around_the_consumer_does_not_take_the_tensors()
    {
        BatchLoader loader;
        using (torch.NewDisposeScope()) loader = Loader(4, shuffle: false);
        using (loader)
        {
            foreach (var batch in loader.Epoch(0))
            {
                using (torch.NewDisposeScope()) _ = batch.Inputs.sum();
                AssertContent(batch);
            }
        }
    }

    [Test]
    public void Disposing_with_a_batch_out_frees_all_when_the_batch_comes_back()
    {
        var loader = Loader(4, shuffle: false);
        using var batches = loader.Epoch(0).GetEnumerator();
        Assert.That(batches.MoveNext());
        loader.Dispose();
        AssertContent(batches.Current);
        Assert.That(() => LoaderThreads(), Is.Zero.After(10_000, 10));
        Assert.That(batches.MoveNext, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => loader.Epoch(0), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Disposing_from_another_thread_at_any_moment_ends_the_consumer()
    {
        for (var round = 0; round < 100; round++)
        {
            var loader = Loader(1, shuffle: true);
            using var read = new ManualResetEventSlim();
            var wanted = round % 23;
            var consumer = Task.Run(() =>
            {
                for (var epoch = 0; ; epoch++)
                {
                    foreach (var batch in loader.Epoch(epoch))
                    {
                        AssertContent(batch);
                        if (batch.Indices[0] == wanted) read.Set();
                    }
                }
            });
            read.Wait();
            loader.Dispose();
            Assert.That(async () => await consumer, Throws.TypeOf<ObjectDisposedException>());
        }
    }

    [Test]
    public void A_batch_that_was_left_behind_says_so()
    {
        using var loader = Loader(4, shuffle: false);
        var kept = loader.Epoch(0).First();
        Assert.That(() => kept.Inputs.sum(), Throws.TypeOf<InvalidOperationException>());
        kept.Dispose();
    }

    [Test]
    public void Two_epochs_at_once_are_refused()
    {
        using var loader = Loader(4, shuffle: false);
        foreach (var _ in loader.Epoch(0))
            Assert.That(() => loader.Epoch(1).First(), Throws.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void Waiting_for_a_slow_source_is_measured()
    {
        using var clock = new SteppingClock();
        using var loader = new BatchLoader(Data, new LateList(23, clock), 23, Norm, seed: 1, shuffle: false, clock: clock);
        Assert.That(loader.Epoch(0).Count(), Is.EqualTo(1));
        Assert.That(loader.WaitTime, Is.EqualTo(TimeSpan.FromSeconds(1)).Or.EqualTo(TimeSpan.FromSeconds(2)), "a second for the batch, one for the end");
    }

    private static BatchLoader Loader(int batchSize, bool shuffle) => new(Data, null, batchSize, Norm, seed: 5, shuffle);

    private static string Copy(Batch batch) =>
        string.Join(' ', batch.Indices) + ':' + string.Join(' ', batch.Inputs.data<float>()) + ':' + string.Join(' ', batch.Labels.data<long>());

    private static void AssertContent(Batch batch)
    {
        Assert.That(batch.Inputs.shape, Is.EqualTo(new long[] { batch.Indices.Length, 2, 3, 5 }));
        Assert.That(batch.Labels.data<long>(), Is.EqualTo(batch.Indices.Select(i => Data.Labels[i])));
        var expected = batch.Indices.SelectMany(i => Enumerable.Range(0, 30).Select(p =>
        {
            var (scale, shift) = PixelNormalizer.Factors(Norm.Mean[p / 15], Norm.Std[p / 15]);
            return Data.Image(i)[p] * scale + shift;
        }));
        Assert.That(batch.Inputs.data<float>(), Is.EqualTo(expected));
    }

    private static int LoaderThreads() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("batch loader", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // the thread ended meanwhile
        }
    });

    /// <summary>Moves on by a second each time it is read.</summary>
    private sealed class SteppingClock : TimeProvider, IDisposable
    {
        private long reads;

        public ManualResetEventSlim WasRead { get; } = new();

        public override long TimestampFrequency => 1;

        public override long GetTimestamp()
        {
            WasRead.Set();
            return ++reads;
        }

        public void Dispose() => WasRead.Dispose();
    }

    /// <summary>Gives nothing before the consumer has looked at the clock, which it does when it begins to wait.</summary>
    private sealed class LateList(int count, SteppingClock clock) : IReadOnlyList<int>
    {
        public int Count => count;

        public int this[int index] => clock.WasRead.Wait(TimeSpan.FromSeconds(30)) ? index : throw new TimeoutException("nobody waited");

        public IEnumerator<int> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
