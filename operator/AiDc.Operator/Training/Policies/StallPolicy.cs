using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Coordination;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>
/// Finds a training that makes no step for spec.failure.stalledAfter, or of which nothing new is heard for stalledPhaseAfter where it makes none. A distributed gang forms anew from memory first; when
/// that makes no step either, or there is nobody else, the gang starts again from its checkpoint.
/// </summary>
public static class StallPolicy
{
    /// <summary>The time until the training counts as stalled; null where nothing can be said: it starts, has ended, or is an image of one's own that never reported a step.</summary>
    public static TimeSpan? Remaining(JobView view)
    {
        if (!view.IsWhollyUp || view.Snapshot.Progress is not { Finished: null } progress || progress.Attempt != view.Status.Attempt) return null;
        var (setting, since) = MakesSteps(progress) ? (view.Spec.Failure.StalledAfter, progress.AdvancedAt)
            : (view.Spec.Failure.StalledPhaseAfter, view.IsBuiltIn ? progress.ChangedAt : null);
        if (since is not { } at || !GoDuration.TryParse(setting, out var limit)) return null;
        var left = at + limit - view.Now;
        if (view.Snapshot.Gang is not { } sessions) return left;
        TimeSpan[] moved = [sessions.LastAdvance ?? TimeSpan.Zero, sessions.Announced?.At ?? TimeSpan.Zero, sessions.LeaderSince, sessions.ForgivenAt];
        var byMembers = moved.Max() + limit - sessions.Now;
        return left > byMembers ? left : byMembers;
    }

    /// <summary>Why a new generation is to be formed of the same members; null where there is no reason.</summary>
    public static string? FormsAnew(JobView view) => IsStalled(view) && !WasFormedAnew(view) ? Message(view) : null;

    public static Verdict? Decide(JobView view)
    {
        if (!IsStalled(view) || (view.IsDistributed && view.Snapshot.Gang is not null && !WasFormedAnew(view))) return null;
        var failure = Failure(view);
        if (view.Status.CountedRestarts >= view.Spec.Failure.MaxRestarts)
            return new Finish(false, Reasons.TooManyRestarts, $"{failure.Message}, after {view.Status.CountedRestarts} restart(s) (spec.failure.maxRestarts)", failure);
        var inRow = RestartBackoff.FailuresInRow(view);
        return new NewAttempt(Reasons.Stalled, failure.Message!, AttemptKind.CountedRestart, failure,
            RestartBackoff.Delay(inRow, view.Job.Metadata.Uid, view.Options), inRow);
    }

    /// <summary>What is known of a stall, for status.lastFailure.</summary>
    public static FailureStatus Failure(JobView view) => new()
    {
        Reason = Reasons.Stalled,
        Message = Words.Line(Message(view)),
        Attempt = view.Status.Attempt,
        Generation = view.Membership?.Generation,
        Step = view.Snapshot.Progress?.Training?.Step,
        DetectedAt = Times.Milliseconds(view.Now),
    };

    private static bool IsStalled(JobView view) => Remaining(view) is { } left && left <= TimeSpan.Zero;

    private static bool WasFormedAnew(JobView view) =>
        view.Status.LastFailure is { Reason: Reasons.Stalled } last && last.Attempt == view.Status.Attempt
        && view.Membership is { FirstStep: null } membership && last.Generation < membership.Generation;

    private static bool MakesSteps(JobProgress progress) =>
        progress is { FirstStepAt: not null, Phase: not (TrainerPhase.Loading or TrainerPhase.Validating or TrainerPhase.Testing) };

    private static string Message(JobView view)
    {
        var progress = view.Snapshot.Progress!;
        var heard = (view.Now - progress.LastHeardAt).TotalSeconds;
        if (!MakesSteps(progress))
            return string.Create(CultureInfo.InvariantCulture,
                $"nothing new in phase {progress.Phase} for spec.failure.stalledPhaseAfter ({view.Spec.Failure.StalledPhaseAfter}); last heard of {heard:0} s ago");
        return string.Create(CultureInfo.InvariantCulture,
            $"no step after step {progress.Training?.Step} for spec.failure.stalledAfter ({view.Spec.Failure.StalledAfter}); phase {progress.Phase}, last heard of {heard:0} s ago");
    }
}
