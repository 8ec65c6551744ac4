namespace AiDc.Coordination;

/// <summary>What a leader says to a worker that trains together with others.</summary>
internal abstract record GangOrder
{
    private GangOrder() { }

    /// <summary>It has answered this worker's hello: whatever was said on the stream before may be lost.</summary>
    internal sealed record Welcomed(long Transitions) : GangOrder;

    /// <summary>Who trains together from now on, in the order of their ranks.</summary>
    internal sealed record Membership(long Transitions, long Generation, IReadOnlyList<GangMemberId> Members) : GangOrder;

    /// <summary>All are ready.</summary>
    /// <param name="Addresses">Of all processes, by rank.</param>
    internal sealed record Start(long Transitions, long Generation, IReadOnlyList<byte[]> Addresses, int OwnerRank, bool Synchronise) : GangOrder;

    /// <summary>Too few live.</summary>
    internal sealed record Hold(long Transitions, long Generation, string Reason, bool WritesCheckpoint) : GangOrder;
}

/// <summary>A worker pod as the leader names it.</summary>
internal sealed record GangMemberId(int WorkerIndex, string PodUid);

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
