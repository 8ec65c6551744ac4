namespace AiDc.ControllerRuntime;

/// <summary>
/// Lets <paramref name="burst"/> through at once and <paramref name="perSecond"/> over time. Whoever finds it empty
/// reserves a token of the future and is told how long to wait for it. Thread-safe.
/// </summary>
public sealed class TokenBucket(double perSecond, double burst, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly double size = burst;
    private double tokens = burst;
    private long last = clock.GetTimestamp();

    public TimeSpan Reserve()
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            tokens = Math.Min(size, tokens + (clock.GetElapsedTime(last, now).TotalSeconds * perSecond)) - 1;
            last = now;
            return tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / perSecond);
        }
    }
}
