namespace AiDc.Coordination;

/// <summary>
/// Waits for the next heartbeat, or for news before it, and holds up the thread that waits: heartbeats have one of their own, so that none
/// is late because everybody else's work has taken the threads of the pool.
/// </summary>
internal sealed class Pulse(TimeProvider clock, TimeSpan interval)
{
    private long last = clock.GetTimestamp();

    /// <returns>Whether a heartbeat is due, and whether there was news.</returns>
    /// <exception cref="OperationCanceledException">There is nobody to tell any more.</exception>
    public (bool Tick, bool News) Next(AutoResetEvent wake, CancellationToken ct)
    {
        var left = interval - clock.GetElapsedTime(last);
        var woken = WaitHandle.WaitAny([wake, ct.WaitHandle], left > TimeSpan.Zero ? left : TimeSpan.Zero) == 0;
        ct.ThrowIfCancellationRequested();
        var tick = clock.GetElapsedTime(last) >= interval;
        if (tick)
            last = clock.GetTimestamp();
        return (tick, woken);
    }
}
