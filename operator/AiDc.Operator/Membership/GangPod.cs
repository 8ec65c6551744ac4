namespace AiDc.Operator.Membership;

/// <summary>A pod of the present attempt. Those that were replaced are among them until they are gone.</summary>
/// <param name="Index">Its slot.</param>
/// <param name="Incarnation">0 for the first pod of the slot in this attempt; each replacement has the next number.</param>
public sealed record GangPod(int Index, int Incarnation, string Uid, string Name)
{
    public string? Node { get; init; }

    public GangPodState State { get; init; } = GangPodState.Running;

    /// <summary>Somebody has deleted it: its worker is asked to end.</summary>
    public bool IsBeingDeleted { get; init; }

    /// <summary>Its node is not to be trusted (its lease has stopped, it flaps) or is cordoned: it is not taken into a generation that it is not in yet.</summary>
    public bool NodeIsAvoided { get; init; }

    /// <summary>Why it counts as lost whatever its worker says, in words: its node was deleted, its GPU withdrawn. Null as a rule.</summary>
    public string? LostBecause { get; init; }
}
