using System.Diagnostics;

namespace AiDc.Benchmarks.Serving;

/// <summary>What happened to each request, from the moment at which it was to be sent: a client that waits for a slow answer before it sends
/// the next hides what the others would have waited (G. Tene's "coordinated omission"). All are kept, so percentiles are exact.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly double[] _milliseconds = new double[capacity];
    private double[]? _sorted;
    private int _count;
    private int _failed;
    private long _lastFailureAt;
    private string? _firstFailure;

    public int Count => Math.Min(Volatile.Read(ref _count), capacity);

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>When the last request failed, as a timestamp.</summary>
    public long LastFailureAt => Interlocked.Read(ref _lastFailureAt);

    public string? FirstFailure => _firstFailure;

    /// <summary>From any thread. What does not fit any more is left out.</summary>
    public void Add(double milliseconds)
    {
        var at = Interlocked.Increment(ref _count) - 1;
        if (at < capacity) _milliseconds[at] = milliseconds;
    }

    public void Fail(string why)
    {
        Interlocked.Increment(ref _failed);
        Interlocked.Exchange(ref _lastFailureAt, Stopwatch.GetTimestamp());
        Interlocked.CompareExchange(ref _firstFailure, why, null);
    }

    /// <param name="share">In (0, 1]; 1 is the worst.</param>
    public double Percentile(double share)
    {
        _sorted ??= [.. _milliseconds.Take(Count).Order()];
        return _sorted.Length == 0 ? double.NaN : _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];
    }
}
