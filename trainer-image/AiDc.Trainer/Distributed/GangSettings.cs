using AiDc.Trainer.Coordination;

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

/// <summary>How this pod finds itself among the members.</summary>
/// <param name="PodUid">Null where it is not known: then the index alone tells.</param>
internal sealed record GangIdentity(int WorkerIndex, string? PodUid)
{
    /// <returns>Its place; null when it is not a member.</returns>
    public int? PositionIn(IReadOnlyList<GangMemberId> members)
    {
        for (var i = 0; i < members.Count; i++)
        {
            if (PodUid is null ? members[i].WorkerIndex == WorkerIndex : members[i].PodUid == PodUid) return i;
        }

        return null;
    }
}
