namespace AiDc.Trainer.Serving.Models.Sources;

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
