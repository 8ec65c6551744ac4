using AiDc.Operator.Membership;

namespace AiDc.Operator.Training.Distributed;

/// <summary>What becomes of a distributed gang now.</summary>
/// <param name="Membership">Who trains together.</param>
/// <param name="Replacements">Workers that get a new pod.</param>
/// <param name="LookAgain">When to decide again although nothing was heard.</param>
public sealed record GangDecision(MembershipDecision Membership, IReadOnlyList<Replacement> Replacements, TimeSpan? LookAgain = null)
{
    public static GangDecision None { get; } = new(MembershipDecision.Nothing, []);

    /// <summary>Whether there is a membership to record and to tell.</summary>
    public bool ChangesMembership => Membership.Change is MembershipChange.Form or MembershipChange.Hold;
}
