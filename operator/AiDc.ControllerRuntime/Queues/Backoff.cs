using System.Collections.Concurrent;

namespace AiDc.ControllerRuntime.Queues;

/// <summary>
/// How long a failed key waits: doubling for each failure in a row, and never sooner than a bucket shared by all keys
/// allows, so that a thousand keys failing for one cause do not become a thousand retries at once.
/// </summary>
public sealed class Backoff<TKey>(TimeProvider clock, Func<double> random) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, int> failures = new();
    private readonly TokenBucket bucket = new(perSecond: 10, burst: 100, clock);

    /// <summary>Counts a failure and answers when to try again.</summary>
    public TimeSpan Next(TKey key)
    {
        var count = failures.AddOrUpdate(key, 1, static (_, n) => n + 1);
        var own = ExponentialDelay.Of(count - 1);
        var shared = bucket.Reserve();
        return (own > shared ? own : shared) * (1 + (random() * 0.1));
    }

    public void Forget(TKey key) => failures.TryRemove(key, out _);

    public int Failures(TKey key) => failures.GetValueOrDefault(key);
}

/// <summary>5 ms, doubling up to 5 minutes: a blip is over at once, and what is broken costs little.</summary>
public static class ExponentialDelay
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <param name="failures">Failures before this one.</param>
    public static TimeSpan Of(int failures)
    {
        var delay = First * Math.Pow(2, Math.Min(failures, 30));
        return delay < Longest ? delay : Longest;
    }
}
