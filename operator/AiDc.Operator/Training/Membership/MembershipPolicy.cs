namespace AiDc.Operator.Training.Membership;

/// <summary>Decides who trains together. Pure.</summary>
public static class MembershipPolicy
{
    public static MembershipDecision Decide(GangView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return MembershipDecision.Nothing;
    }
}
