namespace AiDc.Trainer.Data;

/// <summary>
/// Gives the samples of a data set as normalised batches. A background thread fills a few buffers ahead of the consumer;
/// the buffers are made once and filled again and again. The order is <see cref="EpochOrder"/>'s.
/// </summary>
/// <remarks>One consumer at a time; <see cref="Dispose"/> may come from any thread at any moment.</remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly Lock gate = new();
    private readonly BatchFiller filler;
    private readonly IReadOnlyList<int>? subset;
    private readonly BatchBuffer[] buffers;
    private readonly TimeProvider clock;
    private readonly ulong seed;
    private readonly bool shuffle;
    private EpochReader? reading;
    private long waited;
    private bool disposed;

    /// <param name="subset">Positions in <paramref name="data"/> to read, null for all.</param>
    /// <param name="batchSize">Samples of a batch; the last one of an epoch has the rest.</param>
    /// <param name="shuffle">False: in the order of the data or of the subset, every epoch.</param>
    /// <param name="microBatchSize">Most samples that are given out at once; null for whole batches.</param>
    /// <param name="prefetch">Batches filled ahead. Memory: prefetch + 1 batches of floats.</param>
    /// <param name="clock">Measures <see cref="WaitTime"/>; null for the system's.</param>
    public BatchLoader(
        ImageDataset data, IReadOnlyList<int>? subset, int batchSize, Normalization normalization, ulong seed, bool shuffle,
        int prefetch = 2, TimeProvider? clock = null, int? microBatchSize = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prefetch);
        Count = subset?.Count ?? data.Count;
        BatchSize = batchSize;
        MicroBatchSize = microBatchSize ?? int.MaxValue;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MicroBatchSize, nameof(microBatchSize));
        (this.subset, this.seed, this.shuffle, this.clock) = (subset, seed, shuffle, clock ?? TimeProvider.System);
        filler = new BatchFiller(data, normalization);
        var rows = Math.Max(1, Math.Min(Math.Min(batchSize, MicroBatchSize), Count));
        if ((long)rows * data.ImageBytes * sizeof(float) > int.MaxValue)
            throw new ConfigurationException($"batch size {batchSize}: a batch of images of this size is over 2 GiB; use a smaller one");
        buffers = [.. Enumerable.Range(0, prefetch + 1).Select(_ => new BatchBuffer(rows, data.Channels, data.Height, data.Width))];
    }

    /// <summary>Samples of an epoch.</summary>
    public int Count { get; }

    public int BatchSize { get; }

    public int MicroBatchSize { get; }

    public int BatchesPerEpoch => (int)(((long)Count + BatchSize - 1) / BatchSize);

    /// <summary>Total time that consumers waited for a batch that was not ready.</summary>
    public TimeSpan WaitTime => new(Interlocked.Read(ref waited));

    /// <summary>The batches of one epoch, from <paramref name="firstBatch"/> on: exactly the rest of an interrupted epoch.</summary>
    /// <param name="epoch">From 0; with the seed it determines the order.</param>
    /// <param name="share">
    /// Whose part of each batch to read, in portions of its micro batch size; null for whole batches. A batch of which the rank
    /// has no sample gives nothing.
    /// </param>
    /// <remarks>A batch is disposed when the next one is asked for. What the filling thread throws comes out here.</remarks>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, BatchShare? share = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        share ??= new(0, 1, MicroBatchSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share.MicroBatchSize, MicroBatchSize, nameof(share));
        return Batches(epoch, firstBatch, share);
    }

    /// <summary>Samples of a batch of the epoch: the last one may be smaller.</summary>
    public int SamplesOf(int batch) => (int)Math.Min(BatchSize, Count - ((long)batch * BatchSize));

    public void Dispose()
    {
        EpochReader? active;
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            active = reading;
        }
        active?.Stop();
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private IEnumerable<Batch> Batches(int epoch, int firstBatch, BatchShare share)
    {
        using var reader = Start(epoch, firstBatch, share);
        while (reader.Next() is { } batch)
        {
            using (batch) yield return batch;
        }
    }

    private EpochReader Start(int epoch, int firstBatch, BatchShare share)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (reading is { Stopped: false })
                throw new InvalidOperationException("an epoch of this loader is being read; finish it first, or use a second loader");
            reading = new EpochReader(
                filler, buffers, () => Order(epoch), BatchSize, firstBatch, share, clock, time => Interlocked.Add(ref waited, time.Ticks));
            return reading;
        }
    }

    /// <summary>Runs on the filling thread: a permutation of millions takes a while.</summary>
    private int[] Order(int epoch)
    {
        var order = shuffle ? EpochOrder.Permutation(seed, epoch, Count) : EpochOrder.Sequence(Count);
        if (subset is not null)
            for (var i = 0; i < order.Length; i++) order[i] = subset[order[i]];
        return order;
    }
}
