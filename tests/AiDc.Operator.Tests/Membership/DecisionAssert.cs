using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

internal static class DecisionAssert
{
    /// <summary>A new generation of these pods, in the order of their ranks.</summary>
    public static void Forms(this MembershipDecision decision, long generation, FormationCause cause, params string[] uids)
    {
        Assert.That((decision.Change, decision.Cause), Is.EqualTo((MembershipChange.Form, cause)), decision.Message);
        Assert.That(decision.Membership!.Generation, Is.EqualTo(generation));
        Assert.That(decision.Membership.Members.Select(m => m.PodUid), Is.EqualTo(uids));
    }

    public static void Holds(this MembershipDecision decision, long generation, string? writer)
    {
        Assert.That(decision.Change, Is.EqualTo(MembershipChange.Hold), decision.Message);
        Assert.That((decision.Membership!.Generation, decision.Writer), Is.EqualTo((generation, writer)));
        Assert.That(decision.Membership.IsHold, Is.True);
    }

    public static void Keeps(this MembershipDecision decision, double? lookAgain = null)
    {
        Assert.That((decision.Change, decision.Membership), Is.EqualTo((MembershipChange.Keep, (RecordedMembership?)null)), decision.Message);
        Assert.That(decision.LookAgain?.TotalSeconds, lookAgain is { } seconds ? Is.EqualTo(seconds).Within(1e-6) : Is.Null);
    }

    public static void Evicts(this MembershipDecision decision, params (string Uid, EvictionReason Reason)[] evicted) =>
        Assert.That(decision.Evicted.Select(e => (e.PodUid, e.Reason)), Is.EquivalentTo(evicted));
}
