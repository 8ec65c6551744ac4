using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Distributed;

/// <summary>
/// What a loss means for a distributed job beyond the worker that is replaced: the end of the job, or, where nobody is left who could carry
/// the training on, another gang from the checkpoint.
/// </summary>
public static class GangFailurePolicy
{
    public static Verdict? Decide(JobView view, GangDecision gang)
    {
        if (!view.IsDistributed) return null;
        foreach (var replacement in gang.Replacements)
            if (Final(view, replacement) is { } end) return end;
        var counted = gang.Replacements.FirstOrDefault(r => r.Counts);
        if (counted is not null && view.Status.CountedRestarts >= view.Spec.Failure.MaxRestarts)
            return new Finish(false, Reasons.TooManyRestarts,
                $"{counted.Message}, after {view.Status.CountedRestarts} of {view.Spec.Failure.MaxRestarts} failures allowed (spec.failure.maxRestarts)", counted.Failure);
        if (gang.Membership.Change == MembershipChange.Restart) return StartAgain(view, gang, counted is not null);
        return HoldRemaining(view) is { } left && left <= TimeSpan.Zero ? Release(view) : null;
    }

    /// <summary>The time left to wait with too few workers; null while the gang does not.</summary>
    public static TimeSpan? HoldRemaining(JobView view) =>
        view.IsDistributed && view.Membership is { HeldSince: { } since, LastStep: not null, FirstStep: null }
        && GoDuration.TryParse(view.Spec.Failure.HoldAfterLoss, out var limit)
            ? since + limit - view.Now : null;

    private static Finish? Final(JobView view, Replacement replacement)
    {
        if (replacement.Cause is not { IsDisruption: false, ExitCode: { } code } cause) return null;
        if (cause.IsConfigurationError(view))
            return new(false, Reasons.ConfigurationError,
                $"{replacement.Message}: wrong configuration or data, which trying again does not fix", replacement.Failure);
        if (cause.IsDivergence(view)) return FailurePolicy.Diverged(view, replacement.Failure!);
        return view.Spec.Failure.Rules.FirstOrDefault(r => r.ExitCodes.Contains(code))?.Action == FailureAction.Fail
            ? new(false, Reasons.FailureRule,
                $"{replacement.Message}, and a rule in spec.failure.rules says that exit code {code} fails the job", replacement.Failure)
            : null;
    }

    private static NewAttempt StartAgain(JobView view, GangDecision gang, bool counts)
    {
        var first = gang.Replacements.Select(r => r.Failure).FirstOrDefault(f => f is not null)
            ?? gang.Membership.Evicted.Where(e => e.IsLoss).Select(e => GangFailures.Of(view, e)).FirstOrDefault()
            ?? (view.Status.LastFailure is { ResumedAt: null } known ? known : null);
        var message = Words.Line($"no worker is left with the state of the training{(first?.Message is { } why ? $": {why}" : "")}");
        var failure = (first ?? new FailureStatus { DetectedAt = Times.Milliseconds(view.Now), Reason = Reasons.StateLost }) with
        {
            Message = message,
            Attempt = view.Status.Attempt,
            Generation = view.Membership?.Generation,
            Step = view.LastStep,
        };
        var inRow = RestartBackoff.FailuresInRow(view);
        return new(Reasons.StateLost, message, counts ? AttemptKind.CountedRestart : AttemptKind.Restart, failure,
            RestartBackoff.Delay(inRow, view.Job.Metadata.Uid, view.Options), inRow);
    }

    private static NewAttempt Release(JobView view)
    {
        var message = Words.Line(
            $"too few workers for spec.failure.holdAfterLoss ({view.Spec.Failure.HoldAfterLoss}): they write a checkpoint and are released"
            + (PendingReason.Of(view) is { } why ? $"; {why.Message}" : ""));
        var failure = (view.Status.LastFailure ?? new FailureStatus()) with
        {
            Reason = Reasons.HeldTooLong,
            Message = message,
            Attempt = view.Status.Attempt,
            Generation = view.Membership?.Generation,
            Step = view.LastStep,
            DetectedAt = Times.Milliseconds(view.Now),
            ResumedAt = null,
            LostSteps = null,
        };
        var inRow = RestartBackoff.FailuresInRow(view);
        return new(Reasons.HeldTooLong, message, AttemptKind.Restart, failure, RestartBackoff.Delay(inRow, view.Job.Metadata.Uid, view.Options), inRow);
    }
}
