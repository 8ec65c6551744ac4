namespace AiDc.ControllerRuntime.Queues;

/// <summary>
/// Keys that wait for a worker, with the promises of client-go's queue: a key waits at most once; it is never worked on by
/// two at once; a key added while it is worked on waits again when that is done.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable where TKey : notnull
{
    /// <summary>So many of the high lane are taken in a row before one of the low lane is, if both wait.</summary>
    private const int HighInARow = 16;

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Queue<TKey> high = new();
    private readonly Queue<TKey> low = new();
    private readonly Dictionary<TKey, Waiting> dirty = [];
    private readonly Dictionary<TKey, long> processing = [];
    private readonly SemaphoreSlim entries = new(0);
    private readonly DelayedKeys<TKey> delayed;
    private int highTaken;
    private bool disposed;

    public WorkQueue(TimeProvider clock)
    {
        this.clock = clock;
        delayed = new(clock, key => Add(key));
    }

    /// <summary>Keys that wait now, delayed ones apart.</summary>
    public int Depth
    {
        get
        {
            lock (gate) return dirty.Count;
        }
    }

    public int Delayed => delayed.Count;

    /// <summary>Age of the oldest key that is being worked on.</summary>
    public TimeSpan LongestRunning
    {
        get
        {
            lock (gate) return processing.Count == 0 ? TimeSpan.Zero : clock.GetElapsedTime(processing.Values.Min());
        }
    }

    /// <param name="lowPriority">Behind all that is not; a later add that is not overtakes.</param>
    public void Add(TKey key, bool lowPriority = false)
    {
        lock (gate)
        {
            var known = dirty.TryGetValue(key, out var waiting);
            if (known && (lowPriority || !waiting.Low)) return;
            dirty[key] = new(lowPriority, known ? waiting.Since : clock.GetTimestamp());
            // While it is being worked on it only becomes dirty: Done puts it into a lane.
            if (!processing.ContainsKey(key)) Enqueue(key, lowPriority);
        }
    }

    /// <summary>Adds later; of several times the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero) Add(key);
        else delayed.Add(key, delay);
    }

    /// <summary>The next key, which the caller must give back with <see cref="Done"/>.</summary>
    public async Task<(TKey Key, TimeSpan Waited)> GetAsync(CancellationToken ct)
    {
        while (true)
        {
            await entries.WaitAsync(ct);
            lock (gate)
            {
                var fromLow = high.Count == 0 || (low.Count > 0 && highTaken >= HighInARow);
                highTaken = fromLow ? 0 : highTaken + 1;
                var key = (fromLow ? low : high).Dequeue();
                // An entry of the low lane may have been overtaken by one of the high lane, and that be done already.
                if (!dirty.TryGetValue(key, out var waiting) || waiting.Low != fromLow || processing.ContainsKey(key)) continue;
                dirty.Remove(key);
                processing[key] = clock.GetTimestamp();
                return (key, clock.GetElapsedTime(waiting.Since));
            }
        }
    }

    public void Done(TKey key)
    {
        lock (gate)
        {
            processing.Remove(key);
            if (dirty.TryGetValue(key, out var waiting)) Enqueue(key, waiting.Low);
        }
    }

    /// <summary>Keys that still come, from a watch or a timer that was under way, are let go.</summary>
    public void Dispose()
    {
        delayed.Dispose();
        lock (gate) disposed = true;
        entries.Dispose();
    }

    private void Enqueue(TKey key, bool lowPriority)
    {
        if (disposed) return;
        (lowPriority ? low : high).Enqueue(key);
        entries.Release();
    }

    private readonly record struct Waiting(bool Low, long Since);
}
