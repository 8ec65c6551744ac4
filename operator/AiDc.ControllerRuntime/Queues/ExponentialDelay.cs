namespace AiDc.ControllerRuntime.Queues;

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
