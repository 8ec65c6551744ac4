using AiDc.Coordination;

namespace AiDc.Trainer.Distributed;

/// <param name="Grace">Between SIGTERM and SIGKILL.</param>
internal sealed record GangSettings(GangIdentity Identity, TimeSpan Grace)
{
    /// <summary>A collective that hangs is released by the next membership; this is for the day when there is none.</summary>
    public static readonly TimeSpan CollectiveTimeout = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>When a member that was asked to end goes, whatever the others do.</summary>
    public TimeSpan LeaveAfter => Grace * 0.75;
}
