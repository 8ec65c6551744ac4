using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Status;

/// <summary>Writes what was decided into a status: counters, times and the conditions that only a decision changes.</summary>
public static class VerdictRecord
{
    public static TrainingJobStatus Apply(JobView view, Verdict? verdict) => verdict switch
    {
        NewAttempt attempt => Apply(view, attempt),
        Finish finish => Apply(view, finish),
        Suspend => ApplySuspension(view),
        _ => view.Status,
    };

    private static TrainingJobStatus Apply(JobView view, NewAttempt verdict)
    {
        var status = view.Status;
        var now = Times.Milliseconds(view.Now);
        var conditions = view.IsSuspended
            ? ConditionHelper.With(status.Conditions, ConditionTypes.Suspended, false, Reasons.Resumed, "resumed", view.Generation, view.Now)
            : status.Conditions;
        return status with
        {
            Attempt = view.NewestAttempt + 1,
            Restarts = status.Restarts + (verdict.Kind == AttemptKind.Start ? 0 : 1),
            CountedRestarts = status.CountedRestarts + (verdict.Kind == AttemptKind.CountedRestart ? 1 : 0),
            FailuresInRow = verdict.FailuresInRow,
            StartTime = status.StartTime ?? now,
            ActiveSince = status.ActiveSince ?? now,
            AttemptStartTime = now + verdict.Delay,
            NextRetryTime = verdict.Delay > TimeSpan.Zero ? now + verdict.Delay : null,
            SuspendedAt = null,
            LastFailure = verdict.Failure ?? status.LastFailure,
            Conditions = conditions,
            Workers = null,
            Replacements = null,
            Result = null,
        };
    }

    private static TrainingJobStatus Apply(JobView view, Finish verdict)
    {
        var type = verdict.Success ? ConditionTypes.Complete : ConditionTypes.Failed;
        var message = Words.Line(verdict.Message);
        return StopClock(view) with
        {
            Phase = verdict.Success ? TrainingJobPhase.Succeeded : TrainingJobPhase.Failed,
            Message = message,
            CompletionTime = Times.Milliseconds(view.Now),
            NextRetryTime = null,
            LastFailure = verdict.Failure ?? view.Status.LastFailure,
            Result = verdict.Success ? view.Status.Result : null,
            Conditions = ConditionHelper.With(view.Status.Conditions, type, true, verdict.Reason, message, view.Generation, view.Now),
        };
    }

    private static TrainingJobStatus ApplySuspension(JobView view)
    {
        var left = view.Snapshot.Pods.Count;
        var (reason, message) = left == 0
            ? (Reasons.Suspended, "suspended: set spec.suspend to false to go on")
            : (Reasons.Suspending, $"suspending: waiting for {(left == 1 ? "1 pod" : $"{left} pods")} to write a checkpoint and end");
        var status = view.Status with
        {
            NextRetryTime = null,
            Conditions = ConditionHelper.With(view.Status.Conditions, ConditionTypes.Suspended, true, reason, message, view.Generation, view.Now),
        };
        if (left > 0) return status;
        return StopClock(view.With(status)) with { SuspendedAt = status.SuspendedAt ?? Times.Milliseconds(view.Now), Workers = null };
    }

    private static TrainingJobStatus StopClock(JobView view) =>
        view.Status.ActiveSince is null
            ? view.Status
            : view.Status with { RunningTime = GoDuration.Format(ActiveDeadlinePolicy.Used(view.Status, view.Now)), ActiveSince = null };
}
