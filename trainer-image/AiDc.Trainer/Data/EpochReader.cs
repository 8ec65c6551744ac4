namespace AiDc.Trainer.Data;

/// <summary>
/// One pass over the data: a background thread fills the free buffers in order, the consumer takes them in that order and
/// gives them back.
/// </summary>
internal sealed class EpochReader : IDisposable
{
    private readonly object gate = new();
    private readonly Queue<BatchBuffer> free;
    private readonly Queue<BatchBuffer> ready = new();
    private readonly BatchFiller filler;
    private readonly Func<int[]> order;
    private readonly int batchSize, firstBatch;
    private readonly BatchShare share;
    private readonly TimeProvider clock;
    private readonly Action<TimeSpan> waited;
    private readonly Thread thread;
    private Batch? lent;
    private Exception? failure;
    private bool complete, stopped;

    /// <param name="waited">Told each time the consumer had to wait.</param>
    public EpochReader(
        BatchFiller filler, IEnumerable<BatchBuffer> buffers, Func<int[]> order, int batchSize, int firstBatch, BatchShare share,
        TimeProvider clock, Action<TimeSpan> waited)
    {
        (this.filler, this.order, this.batchSize, this.firstBatch, this.share) = (filler, order, batchSize, firstBatch, share);
        (this.clock, this.waited) = (clock, waited);
        free = new(buffers);
        thread = new Thread(Produce) { IsBackground = true, Name = "batch loader" };
        thread.Start();
    }

    public bool Stopped
    {
        get
        {
            lock (gate) return stopped;
        }
    }

    /// <returns>The next batch, or null at the end of the epoch.</returns>
    public Batch? Next()
    {
        lent?.Dispose();
        var buffer = Take();
        return lent = buffer?.Lend(() => GiveBack(buffer));
    }

    /// <summary>Ends the thread, whatever it is doing; the consumer gets an <see cref="ObjectDisposedException"/> if it goes on.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
        thread.Join();
    }

    /// <summary>The consumer's farewell: stops, and takes the last batch back.</summary>
    public void Dispose()
    {
        Stop();
        lent?.Dispose();
    }

    private BatchBuffer? Take()
    {
        lock (gate)
        {
            if (ready.Count == 0 && !complete && !stopped)
            {
                var since = clock.GetTimestamp();
                while (ready.Count == 0 && !complete && !stopped) Monitor.Wait(gate);
                waited(clock.GetElapsedTime(since));
            }
            ObjectDisposedException.ThrowIf(stopped, typeof(BatchLoader));
            if (ready.TryDequeue(out var buffer)) return buffer;
            // Rethrown as the thread threw it, its stack included, once the batches before it are used up.
            if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            return null;
        }
    }

    private void GiveBack(BatchBuffer buffer)
    {
        lock (gate)
        {
            free.Enqueue(buffer);
            Monitor.PulseAll(gate);
        }
    }

    private void Produce()
    {
        Exception? error = null;
        try
        {
            FillAll();
        }
        catch (Exception e)
        {
            error = e; // surfaces in the consumer; on this thread it would end the process
        }
        lock (gate)
        {
            failure = error;
            complete = true;
            Monitor.PulseAll(gate);
        }
    }

    private void FillAll()
    {
        var samples = order();
        for (var start = (long)firstBatch * batchSize; start < samples.Length; start += batchSize)
        {
            var count = (int)Math.Min(batchSize, samples.Length - start);
            for (var round = 0; round < share.Rounds(count); round++)
            {
                var (from, to) = share.Slice(count, round);
                if (from < to && !Fill(samples.AsSpan((int)start + from, to - from))) return;
            }
        }
    }

    /// <returns>False when nobody wants more.</returns>
    private bool Fill(ReadOnlySpan<int> samples)
    {
        if (WaitForFree() is not { } buffer) return false;
        buffer.Fill(filler, samples);
        lock (gate)
        {
            ready.Enqueue(buffer);
            Monitor.PulseAll(gate);
        }

        return true;
    }

    private BatchBuffer? WaitForFree()
    {
        lock (gate)
        {
            while (free.Count == 0 && !stopped) Monitor.Wait(gate);
            return stopped ? null : free.Dequeue();
        }
    }
}
