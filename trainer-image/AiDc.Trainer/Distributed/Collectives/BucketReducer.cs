using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// Sums buckets of gradients over the ranks on a thread of its own, while backward still computes those of earlier layers.
/// Buckets are summed in their order, whatever the order in which they become ready, so that all ranks agree.
/// One step: <see cref="Begin"/>, <see cref="Ready"/> for each bucket, then <see cref="Wait"/>; no other collective of the group
/// between the first two and the last. Lives as long as its group. (Li et al., "PyTorch Distributed", VLDB 2020, section 3.2.3.)
/// </summary>
internal sealed class BucketReducer : IDisposable
{
    private readonly Action<Tensor> sum;
    private readonly IReadOnlyList<Tensor> buckets;
    private readonly Thread thread;
    private readonly object monitor = new();
    private readonly bool[] ready;
    private int done;
    private bool disposed;
    private ExceptionDispatchInfo? failure;

    /// <param name="sum">Sums a tensor over the ranks, in place.</param>
    /// <param name="buckets">The same number, sizes and types on every rank.</param>
    public BucketReducer(Action<Tensor> sum, IReadOnlyList<Tensor> buckets)
    {
        (this.sum, this.buckets) = (sum, buckets);
        ready = new bool[buckets.Count];
        done = buckets.Count;
        thread = new Thread(Run) { IsBackground = true, Name = "bucket-reducer" };
        thread.Start();
    }

    /// <summary>How many buckets of the current step are summed.</summary>
    public int Done
    {
        get
        {
            lock (monitor)
                return done;
        }
    }

    /// <summary>No gradient of this bucket will change any more in this step. Never blocks and never throws: backward calls it.</summary>
    public void Ready(int bucket)
    {
        lock (monitor)
        {
            ready[bucket] = true;
            Monitor.PulseAll(monitor);
        }
    }

    /// <summary>Marks what is not ready yet and waits for all sums.</summary>
    /// <exception cref="CollectiveException">What the collective threw; the step's gradients are of no use, unless all were summed.</exception>
    public void Wait()
    {
        lock (monitor)
        {
            Array.Fill(ready, true);
            Monitor.PulseAll(monitor);
            while (done < buckets.Count && failure is null)
                Monitor.Wait(monitor);
            failure?.Throw();
        }
    }

    /// <summary>Before the first <see cref="Ready"/> of a step.</summary>
    public void Begin()
    {
        lock (monitor)
        {
            Array.Clear(ready);
            done = 0;
        }
    }

    /// <summary>Does not wait for a collective of a step that was given up: it ends with its group.</summary>
    public void Dispose()
    {
        bool idle;
        lock (monitor)
        {
            disposed = true;
            idle = done == buckets.Count || failure is not null;
            Monitor.PulseAll(monitor);
        }

        if (idle)
            thread.Join();
    }

    private void Run()
    {
        while (Next() is { } bucket)
        {
            ExceptionDispatchInfo? error = null;
            try
            {
                sum(bucket);
            }
#pragma warning disable CA1031 // Whatever it is, it is rethrown by Wait: on this thread it would end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                error = ExceptionDispatchInfo.Capture(e);
            }

            Finish(error);
        }
    }

    private Tensor? Next()
    {
        lock (monitor)
        {
            while (!disposed && (failure is not null || done == buckets.Count || !ready[done]))
                Monitor.Wait(monitor);
            return disposed ? null : buckets[done];
        }
    }

    private void Finish(ExceptionDispatchInfo? error)
    {
        lock (monitor)
        {
            failure = error;
            if (error is null)
                done++;
            Monitor.PulseAll(monitor);
        }
    }
}
