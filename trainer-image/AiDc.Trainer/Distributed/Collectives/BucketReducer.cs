using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// Sums buckets of gradients over the ranks on a thread of its own, while backward still computes those of earlier layers.
/// Buckets are summed in their order, whatever the order in which they become ready, so that all ranks agree.
/// One step: <see cref="Begin"/>, <see cref="Ready"/> for each bucket, then <see cref="Wait"/>. Lives as long as its group.
/// </summary>
public sealed class BucketReducer : IDisposable
{
    private readonly ICollectiveGroup group;
    private readonly IReadOnlyList<Tensor> buckets;
    private readonly TimeProvider time;
    private readonly Thread thread;
    private readonly object monitor = new();
    private readonly bool[] ready;
    private int done;
    private bool disposed;
    private ExceptionDispatchInfo? failure;

    /// <param name="buckets">The same number, sizes and types on every rank.</param>
    public BucketReducer(ICollectiveGroup group, IReadOnlyList<Tensor> buckets, TimeProvider time)
    {
        (this.group, this.buckets, this.time) = (group, buckets, time);
        ready = new bool[buckets.Count];
        done = buckets.Count;
        thread = new Thread(Run) { IsBackground = true, Name = "bucket-reducer" };
        thread.Start();
    }

    /// <summary>Time spent in collectives since the start.</summary>
    public TimeSpan Reducing { get; private set; }

    /// <summary>Time that <see cref="Wait"/> waited since the start: what backward did not hide.</summary>
    public TimeSpan Waiting { get; private set; }

    /// <summary>All buckets of the current step are summed: its gradients are whole, whatever becomes of the group now.</summary>
    public bool IsComplete
    {
        get
        {
            lock (monitor)
                return done == buckets.Count;
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
    /// <exception cref="CollectiveException">What the collective threw; the step's gradients are of no use, unless <see cref="IsComplete"/>.</exception>
    public void Wait()
    {
        var start = time.GetTimestamp();
        lock (monitor)
        {
            Array.Fill(ready, true);
            Monitor.PulseAll(monitor);
            while (done < buckets.Count && failure is null)
                Monitor.Wait(monitor);
            Waiting += time.GetElapsedTime(start);
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

    /// <summary>A collective in progress must be able to end: abort the group first if it may not.</summary>
    public void Dispose()
    {
        lock (monitor)
        {
            disposed = true;
            Monitor.PulseAll(monitor);
        }

        thread.Join();
    }

    private void Run()
    {
        while (Next() is { } bucket)
        {
            var start = time.GetTimestamp();
            ExceptionDispatchInfo? error = null;
            try
            {
                group.AllReduceSum(bucket);
            }
#pragma warning disable CA1031 // Whatever it is, it is rethrown by Wait: on this thread it would end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                error = ExceptionDispatchInfo.Capture(e);
            }

            Finish(error, time.GetElapsedTime(start));
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

    private void Finish(ExceptionDispatchInfo? error, TimeSpan took)
    {
        lock (monitor)
        {
            Reducing += took;
            failure = error;
            if (error is null)
                done++;
            Monitor.PulseAll(monitor);
        }
    }
}
