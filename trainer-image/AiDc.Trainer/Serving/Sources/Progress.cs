namespace AiDc.Trainer.Serving.Sources;

/// <summary>Says how far something is, once it takes longer than a person likes to wait, and again each time.</summary>
internal sealed class SlowWork : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ITimer _timer;

    /// <param name="describe">Of the time since the start; called on another thread.</param>
    public SlowWork(TimeProvider time, Action<string> progress, Func<TimeSpan, string> describe)
    {
        var start = time.GetTimestamp();
        _timer = time.CreateTimer(_ => progress(describe(time.GetElapsedTime(start))), null, Patience, Patience);
    }

    public void Dispose() => _timer.Dispose();
}

/// <summary>How far a copy is, in words.</summary>
internal static class FetchProgress
{
    /// <param name="total">0 when unknown.</param>
    public static string Describe(string place, long done, long total, TimeSpan elapsed)
    {
        var rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        var text = FormattableString.Invariant($"{place}: {Size(done)} of {(total > 0 ? Size(total) : "an unknown size")} fetched, {Size((long)rate)}/s");
        return total > done && done > 0 ? text + FormattableString.Invariant($", {(total - done) / rate:F0} s to go") : text;
    }

    private static string Size(long bytes) => bytes < 10L << 20 ? FormattableString.Invariant($"{bytes / 1048576.0:F1} MiB") : $"{bytes >> 20} MiB";
}
