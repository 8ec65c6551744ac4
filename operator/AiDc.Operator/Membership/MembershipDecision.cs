namespace AiDc.Operator.Membership;

/// <summary>Who trains together from now on.</summary>
/// <param name="Change">What to do.</param>
/// <param name="Membership">What to record before anybody is told; null unless the change is Form or Hold.</param>
/// <param name="Cause">Of a new generation.</param>
/// <param name="Message">Why, or what is waited for, for people.</param>
public sealed record MembershipDecision(MembershipChange Change, RecordedMembership? Membership, FormationCause Cause, string Message)
{
    public static readonly MembershipDecision Nothing = new(MembershipChange.Keep, null, FormationCause.None, "");

    /// <summary>Who is out, of members and of those who waited. Also with Keep, where only one who waited is lost.</summary>
    public IReadOnlyList<Eviction> Evicted { get; init; } = [];

    /// <summary>Of a Hold: the pod that writes the checkpoint if it is asked to end; null where nobody has a state.</summary>
    public string? Writer { get; init; }

    /// <summary>Decide again then, if nothing is heard before; null: no need.</summary>
    public TimeSpan? LookAgain { get; init; }
}

/// <summary>What becomes of the recorded membership.</summary>
public enum MembershipChange
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>A new generation trains.</summary>
    Form,

    /// <summary>Too few live: whoever does keeps the state in memory and waits.</summary>
    Hold,

    /// <summary>Nobody who lives can carry the training on: the whole gang has to start again, from its checkpoint.</summary>
    Restart,
}

/// <summary>Why there is a new generation. Also the label of a metric.</summary>
public enum FormationCause
{
    None,
    First,
    Loss,
    Broken,
    Leaving,
    Join,
    Resize,

    /// <summary>The leader before did not get the group started.</summary>
    NewLeader,

    /// <summary>Enough workers are there again.</summary>
    Resumed,
}

/// <summary>What the job's status says of its membership; written there before anybody is told.</summary>
/// <param name="Generation">Rises for the life of the job, across attempts.</param>
/// <param name="Attempt">The gang that it was decided for. Of an earlier one only the generation counts.</param>
/// <param name="Members">In the order of their ranks. While holding: those of the last group that can carry the training on, each a witness.</param>
/// <param name="Hold">Why nobody trains now; null while the members do.</param>
public sealed record RecordedMembership(long Generation, int Attempt, IReadOnlyList<GangMember> Members, string? Hold = null)
{
    public bool IsHold => Hold is not null;

    public bool Has(string podUid) => Members.Any(m => m.PodUid == podUid);
}

/// <summary>One worker pod in a generation; its place in the list of members decides its ranks.</summary>
/// <param name="Index">The worker's slot.</param>
/// <param name="PodUid">Which pod of that slot: a replacement is another member.</param>
/// <param name="IsWitness">
/// No group of an earlier generation can commit another step once this member has accepted the present one: it was needed in the last of
/// them. A generation is formed around at least one witness of the generation before, or two groups could train at once.
/// </param>
public sealed record GangMember(int Index, string PodUid, bool IsWitness = false);

/// <summary>A worker that is out. Its pod is to be deleted; its slot, if it still has one, gets a new pod.</summary>
/// <param name="WasMember">It was in the generation before; else it was lost while it waited to join.</param>
/// <param name="Message">For people.</param>
public sealed record Eviction(int Index, string PodUid, string? Pod, string? Node, EvictionReason Reason, bool WasMember, string Message)
{
    /// <summary>False where it went as it should.</summary>
    public bool IsLoss => Reason is not (EvictionReason.Left or EvictionReason.Resized or EvictionReason.Replaced);
}

/// <summary>Why a worker is in no generation any more. Also the label of a metric.</summary>
public enum EvictionReason
{
    /// <summary>Its container ended.</summary>
    PodEnded,

    /// <summary>Its pod does not exist any more, and it is not connected.</summary>
    PodGone,

    /// <summary>Its stream ended and it did not come back, or a peer saw its connection close too.</summary>
    ConnectionClosed,

    /// <summary>Nothing was heard of it, and the gang made no step.</summary>
    Silent,

    /// <summary>It speaks, but does not get Ready for the generation it is in.</summary>
    NotReady,

    /// <summary>What it runs on is gone: node deleted, GPU withdrawn.</summary>
    NodeLost,

    /// <summary>It was asked to end and said so. No failure.</summary>
    Left,

    /// <summary>The gang was made smaller. No failure.</summary>
    Resized,

    /// <summary>Its slot has a newer pod, and it was in no generation. No failure.</summary>
    Replaced,
}
