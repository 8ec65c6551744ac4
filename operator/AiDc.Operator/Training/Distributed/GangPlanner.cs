using AiDc.Operator.Membership;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>Decides what becomes of the members of a distributed gang, and of their pods.</summary>
public static class GangPlanner
{
    public static GangDecision Decide(JobView view)
    {
        if (!view.IsDistributed || view.IsFinished || view.Status.Attempt == 0) return GangDecision.None;
        var isEnding = view.Spec.Suspend;
        var membership = GangViews.Of(view, isEnding) is { } gang ? MembershipPolicy.Decide(gang) : MembershipDecision.Nothing;
        if (isEnding || view.Status.NextRetryTime > view.Now || GangSuccess.IsFinishing(view)) return new(membership, [], membership.LookAgain);
        var (replacements, again) = ReplacementPolicy.Decide(view, membership);
        return new(membership, replacements, Sooner(again, membership.LookAgain));
    }

    /// <summary>The whole gang ends: those who live hold, so that whoever writes the checkpoint does not wait for the others.</summary>
    public static GangDecision End(JobView view, GangDecision before)
    {
        var membership = GangViews.Of(view, isEnding: true, allLeave: true) is { } gang ? MembershipPolicy.Decide(gang) : MembershipDecision.Nothing;
        return new(membership.Change == MembershipChange.Hold ? membership : MembershipDecision.Nothing, before.Replacements);
    }

    /// <summary>Whether a verdict on the job ends the gang that it has now.</summary>
    public static bool Ends(Verdict? verdict) => verdict is Suspend or NewAttempt { Kind: not AttemptKind.Start } or Finish { Success: false };

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is { } x && b is { } y ? (x < y ? x : y) : a ?? b;
}
