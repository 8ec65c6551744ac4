using AiDc.ControllerRuntime.Leadership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>The leader's monotonic time, since when it leads, and whether it was asleep.</summary>
internal sealed class GangClock(TimeProvider clock, ILeadership leadership)
{
    /// <summary>A tick that is later than this was not the workers' fault.</summary>
    public static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(500);

    private readonly long origin = clock.GetTimestamp();
    private TimeSpan? lastTick;

    public TimeSpan Now => clock.GetElapsedTime(origin);

    public long Transitions => leadership.State.Transitions;

    public bool Leads => leadership.State.IsLeader;

    public TimeSpan LeaderSince { get; private set; }

    public TimeSpan ForgivenAt { get; private set; }

    /// <summary>Since when the leader before had not renewed its lease; when this one began to lead where that one gave it back.</summary>
    public TimeSpan PredecessorSilentSince { get; private set; }

    public void BeginsToLead(TimeSpan takenAfterSilence)
    {
        LeaderSince = Now;
        PredecessorSilentSince = LeaderSince - takenAfterSilence;
    }

    /// <summary>To be called every <paramref name="interval"/>: a call that comes late says that this process did not run, or not enough.</summary>
    public void Tick(TimeSpan interval)
    {
        var now = Now;
        if (lastTick is { } last && now - last > interval + Lateness)
            ForgivenAt = now;
        lastTick = now;
    }
}
