using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Status;

/// <summary>Computes the status of a job from what is seen of it, after <see cref="VerdictRecord"/> has entered what was decided.</summary>
public static class StatusBuilder
{
    /// <param name="problem">What is wrong with the spec; null for nothing.</param>
    public static TrainingJobStatus Build(JobView view, CreationDecision creation, string? problem)
    {
        var status = Reported(view) with
        {
            ObservedGeneration = view.Generation,
            Workers = WorkersReport.Of(view) is { } workers ? workers with { CompletedIndexes = Completed(view) } : null,
            Membership = GangReport.Membership(view),
        };
        if (view.IsFinished) return Finished(view, status);

        var situation = Situation.Of(view, creation, problem);
        var conditions = status.Conditions;
        void Set(string type, bool? value, string reason, string message) =>
            conditions = ConditionHelper.With(conditions, type, value, reason, message, view.Generation, view.Now);

        if (problem is null) Set(ConditionTypes.Valid, true, Reasons.SpecValid, "the spec is valid");
        else Set(ConditionTypes.Valid, false, Reasons.SpecInvalid, problem);
        Set(ConditionTypes.Running, view.IsWhollyUp && !view.IsSuspended, situation.Reason, situation.Message);
        if (view.IsWhollyUp) Set(ConditionTypes.Started, true, Reasons.AllWorkersRunning, "all workers have run together");
        else if (!ConditionHelper.IsTrue(conditions, ConditionTypes.Started)) Set(ConditionTypes.Started, false, Reasons.NotStarted, situation.Message);

        if (StragglerPolicy.Condition(view) is { } straggler)
            Set(ConditionTypes.Straggler, straggler.Status switch { "True" => true, "False" => false, _ => null }, straggler.Reason, straggler.Message);

        return status with
        {
            Phase = situation.Phase,
            Message = situation.Message,
            Conditions = ConditionHelper.Observed(conditions, view.Generation),
            NextRetryTime = view.GangPods.Any() ? null : status.NextRetryTime,
            LastFailure = view.IsDistributed ? GangReport.Resumed(view, status.LastFailure, status.Membership) : Resumed(view, status.LastFailure),
        };
    }

    private static TrainingJobStatus Reported(JobView view)
    {
        var status = ProgressReport.Enter(view, view.Status);
        // As soon as it is seen: the pod that tells it may be gone when the last worker ends.
        var isThere = status.Phase == TrainingJobPhase.Succeeded
            || (!view.IsFinished && view.Workers.Any(w => w.State == WorkerState.Succeeded && w.Pod is { } pod && ResultReport.IsIn(view, pod)));
        return isThere && status.Result is null ? status with { Result = ResultReport.Of(view) } : status;
    }

    /// <summary>Who has succeeded in the present attempt, for when the pods are gone: drained, collected, or deleted with their nodes.</summary>
    private static string? Completed(JobView view) =>
        view.IsDistributed || view.Status.Attempt == 0 ? null : IndexRanges.Format(view.Workers.Where(w => w.State == WorkerState.Succeeded).Select(w => w.Index));

    private static TrainingJobStatus Finished(JobView view, TrainingJobStatus status)
    {
        var conditions = ConditionHelper.Find(status.Conditions, ConditionTypes.Running) is null or { Status: "False" }
            ? status.Conditions
            : ConditionHelper.With(status.Conditions, ConditionTypes.Running, false, status.Phase, status.Message, view.Generation, view.Now);
        return status with { Conditions = ConditionHelper.Observed(conditions, view.Generation) };
    }

    /// <summary>A failure is over when the whole gang of a later attempt runs.</summary>
    private static FailureStatus? Resumed(JobView view, FailureStatus? failure) =>
        failure is { ResumedAt: null } && view.IsWhollyUp && failure.Attempt < view.Status.Attempt
            ? failure with
            {
                ResumedAt = Times.Milliseconds(view.Now),
                LostSteps = view.IsBuiltIn && failure.Step is { } step ? Math.Max(0, step - (view.Status.Checkpoint?.Step ?? 0)) : null,
            }
            : failure;
}
