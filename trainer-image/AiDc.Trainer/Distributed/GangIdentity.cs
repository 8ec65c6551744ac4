using AiDc.Trainer.Coordination;

namespace AiDc.Trainer.Distributed;

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
