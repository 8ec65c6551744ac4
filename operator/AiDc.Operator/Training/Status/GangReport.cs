using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Status;

/// <summary>Enters into the status how far the present generation is: from where it went on, and its first step.</summary>
public static class GangReport
{
    public static MembershipStatus? Membership(JobView view)
    {
        if (view.Membership is not { Hold: null, FirstStep: null } membership || view.Snapshot.Gang is not { } sessions) return view.Status.Membership;
        var standings = membership.Members.Select(m => sessions.Of(m.PodUid)).OfType<MemberSession>()
            .Select(s => s.Standing).Where(s => s.Generation == membership.Generation && s.HasState).ToList();
        var waiting = standings.Where(s => !s.InGroup).Select(s => (long?)s.CommittedStep).Max();
        var training = standings.Where(s => s.InGroup).Select(s => (long?)s.CommittedStep).Min();
        // Seen too late to know where it went on, it went on where the one before was at most.
        var from = membership.FromStep ?? waiting ?? (training is { } step ? Math.Min(step, membership.LastStep ?? step) : null);
        if (from is null || training is null || training <= from) return membership with { FromStep = from };
        return membership with { FromStep = from, FirstStep = from + 1, HeldSince = null };
    }

    /// <summary>A loss is over when the members of a later generation have made a step.</summary>
    public static FailureStatus? Resumed(JobView view, FailureStatus? failure, MembershipStatus? membership)
    {
        if (failure is not { ResumedAt: null } || membership is not { FirstStep: not null } || membership.Attempt != view.Status.Attempt) return failure;
        var isLater = failure.Attempt < view.Status.Attempt || (failure.Generation ?? -1) < membership.Generation;
        return isLater
            ? failure with
            {
                ResumedAt = Times.Milliseconds(view.Now),
                LostSteps = failure.Step is { } step && membership.FromStep is { } from ? Math.Max(0, step - from) : null,
            }
            : failure;
    }
}
