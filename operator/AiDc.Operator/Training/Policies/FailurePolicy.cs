using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>
/// One worker that fails takes the gang with it: the others cannot go on without it. Decides whether the job fails, or the gang
/// restarts and whether that counts.
/// </summary>
public static class FailurePolicy
{
    public static Verdict? Decide(JobView view)
    {
        // Of a distributed gang one worker is replaced and the others go on: that is decided with its membership.
        if (view.IsDistributed || RootCause.Find(view) is not { } cause) return null;
        var failure = FailureReport.Of(view, cause);
        var rule = cause.ExitCode is { } code ? view.Spec.Failure.Rules.FirstOrDefault(r => r.ExitCodes.Contains(code)) : null;

        if (cause.IsConfigurationError(view))
            return new Finish(false, Reasons.ConfigurationError,
                $"{failure.Message}: wrong configuration or data, which trying again does not fix", failure);
        if (cause.IsDivergence(view)) return Diverged(view, failure);
        if (rule?.Action == FailureAction.Fail && !cause.IsDisruption)
            return new Finish(false, Reasons.FailureRule,
                $"{failure.Message}, and a rule in spec.failure.rules says that exit code {cause.ExitCode} fails the job", failure);
        if (cause.IsDisruption || rule?.Action == FailureAction.Restart)
            return Again(view, failure, AttemptKind.Restart);
        if (view.Status.CountedRestarts >= view.Spec.Failure.MaxRestarts)
            return new Finish(false, Reasons.TooManyRestarts,
                $"{failure.Message}, after {Restarts(view.Status.CountedRestarts)} of {view.Spec.Failure.MaxRestarts} allowed (spec.failure.maxRestarts)", failure);
        return Again(view, failure, AttemptKind.CountedRestart);
    }

    internal static Finish Diverged(JobView view, FailureStatus failure)
    {
        var step = view.Snapshot.Progress?.Training?.Step ?? view.Status.Progress?.Step;
        var told = failure.LogTail?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        var diverged = failure with { Reason = Reasons.Diverged, Step = failure.Step ?? step };
        return new(false, Reasons.Diverged, Words.Line(
            $"worker {failure.Worker}: the loss is not a number{(step is null ? "" : $", near step {step}")}, again after a return to the last good checkpoint"
            + (told is null ? "" : $": {told}")), diverged);
    }

    private static NewAttempt Again(JobView view, FailureStatus failure, AttemptKind kind)
    {
        var inRow = RestartBackoff.FailuresInRow(view);
        return new(failure.Reason!, failure.Message!, kind, failure, RestartBackoff.Delay(inRow, view.Job.Metadata.Uid, view.Options), inRow);
    }

    private static string Restarts(int count) => count == 1 ? "1 restart" : $"{count} restarts";
}
