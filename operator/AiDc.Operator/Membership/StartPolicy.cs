namespace AiDc.Operator.Membership;

/// <summary>
/// When a generation begins, and from whose state: that of the latest history, and in it the highest step. Equal steps of different
/// generations' groups are different weights, as sums were made in another order.
/// </summary>
public static class StartPolicy
{
    /// <param name="membership">Recorded and announced by this leader.</param>
    /// <param name="ready">The last Ready of each pod, by uid.</param>
    /// <returns>Null while not all are ready.</returns>
    public static StartOrder? Decide(RecordedMembership membership, IReadOnlyDictionary<string, ReadyMember> ready)
    {
        ArgumentNullException.ThrowIfNull(membership);
        ArgumentNullException.ThrowIfNull(ready);
        if (membership.IsHold || membership.Members.Count == 0)
            return null;
        var members = new List<ReadyMember>(membership.Members.Count);
        foreach (var member in membership.Members)
        {
            if (!ready.TryGetValue(member.PodUid, out var r) || r.Generation != membership.Generation || r.Rendezvous.Count == 0)
                return null;
            members.Add(r);
        }
        var owner = Owner(members);
        var ownerRank = members.Take(owner).Sum(m => m.Rendezvous.Count);
        return new(membership.Generation, [.. members.SelectMany(m => m.Rendezvous)], ownerRank, !members.TrueForAll(m => IsSame(m, members[owner])));
    }

    private static int Owner(List<ReadyMember> members)
    {
        var owner = 0;
        for (var i = 1; i < members.Count; i++)
            if (Newness(members[i]).CompareTo(Newness(members[owner])) > 0)
                owner = i;
        return owner;
    }

    private static (bool, long, long) Newness(ReadyMember m) => (m.HasState, m.HasState ? m.StateGeneration : 0, m.HasState ? m.CommittedStep : 0);

    private static bool IsSame(ReadyMember m, ReadyMember owner) =>
        m.HasState && owner.HasState && (m.StateGeneration, m.CommittedStep) == (owner.StateGeneration, owner.CommittedStep);
}

/// <summary>The word to begin. Given once a generation, by the leader that recorded it; repeated unchanged to whoever has not got it.</summary>
/// <param name="Rendezvous">Of all processes, by rank.</param>
/// <param name="OwnerRank">Whose state becomes everybody's.</param>
/// <param name="Synchronise">Not everybody has that state.</param>
public sealed record StartOrder(long Generation, IReadOnlyList<ReadOnlyMemory<byte>> Rendezvous, int OwnerRank, bool Synchronise);

/// <summary>A member's answer to a membership: where its state stands now that no step is in flight, and where its processes listen.</summary>
public sealed record ReadyMember(long Generation, bool HasState, long CommittedStep, long StateGeneration, IReadOnlyList<ReadOnlyMemory<byte>> Rendezvous);
