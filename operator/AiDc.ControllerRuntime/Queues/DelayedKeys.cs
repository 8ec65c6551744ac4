namespace AiDc.ControllerRuntime.Queues;

/// <summary>Keys that wait for their time: one heap, one timer, and per key the earliest time only.</summary>
internal sealed class DelayedKeys<TKey> : IDisposable where TKey : notnull
{
    // Timers take no more than 49 days; a key that waits longer is looked at in between.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly PriorityQueue<TKey, long> heap = new();
    private readonly Dictionary<TKey, long> due = [];
    private readonly TimeProvider clock;
    private readonly Action<TKey> release;
    private readonly ITimer timer;
    private bool disposed;

    public DelayedKeys(TimeProvider clock, Action<TKey> release)
    {
        (this.clock, this.release) = (clock, release);
        timer = clock.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (gate) return due.Count;
        }
    }

    public void Add(TKey key, TimeSpan delay)
    {
        lock (gate)
        {
            var at = clock.GetTimestamp() + (long)(delay.TotalSeconds * clock.TimestampFrequency);
            if (due.TryGetValue(key, out var known) && known <= at) return;
            due[key] = at;
            heap.Enqueue(key, at);
            Arm();
        }
    }

    public void Dispose()
    {
        lock (gate) disposed = true;
        timer.Dispose();
    }

    private void Fire()
    {
        var ready = new List<TKey>();
        lock (gate)
        {
            var now = clock.GetTimestamp();
            while (heap.TryPeek(out var key, out var at) && at <= now)
            {
                heap.Dequeue();
                // Entries whose key has got an earlier time since are left in the heap: that time has passed.
                if (due.TryGetValue(key, out var wanted) && wanted == at && due.Remove(key)) ready.Add(key);
            }
            Arm();
        }
        foreach (var key in ready) release(key);
    }

    private void Arm()
    {
        if (disposed || !heap.TryPeek(out _, out var at)) return;
        var wait = clock.GetElapsedTime(clock.GetTimestamp(), at);
        // A millisecond more than asked, because timers count in those and must not fire before the time.
        wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1);
        timer.Change(wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }
}
