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
