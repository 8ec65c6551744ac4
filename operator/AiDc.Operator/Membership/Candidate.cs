namespace AiDc.Operator.Membership;

/// <summary>A worker pod that is or may be a member, and what is thought of it.</summary>
/// <param name="Pod">Null: the API server has it no more.</param>
/// <param name="Session">Null: it was not heard by this leader.</param>
/// <param name="Member">Its entry in the recorded membership of this attempt, or null.</param>
internal sealed record Candidate(int Index, string Uid, GangPod? Pod, MemberSession? Session, GangMember? Member)
{
    /// <summary>Why it is out; null while it is not.</summary>
    public EvictionReason? Lost { get; init; }

    public string LostMessage { get; init; } = "";

    /// <summary>How long until it is out if nothing is heard of it; null where there is no sign of that.</summary>
    public TimeSpan? LostIn { get; init; }

    public bool IsConnected => Session is { Connected: true };

    public bool IsLeaving => Session is { Leaving: true };

    /// <summary>Somebody who can be asked to be in a generation, now.</summary>
    public bool IsAvailable => Lost is null && IsConnected && Session!.Standing.Prepared && !IsLeaving;

    /// <summary>One who is in no generation may be taken into one.</summary>
    public bool MayJoin => IsAvailable && Pod is { IsBeingDeleted: false, NodeIsAvoided: false };

    /// <summary>It trains in that generation, by its own word.</summary>
    public bool TrainsIn(long generation) => Session is { Connected: true, Standing: { InGroup: true } s } && s.Generation == generation;

    public Eviction Evicted(EvictionReason reason, string message) => new(Index, Uid, Pod?.Name, Pod?.Node, reason, Member is not null, message);
}
