using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training.Status;

/// <summary>Tells the life of a job in events: each turn of it once, never one a pod.</summary>
public static class LifeEvents
{
    public static IReadOnlyList<PlannedEvent> Between(JobView before, Verdict? verdict, TrainingJobStatus after) =>
        [.. OfVerdict(before, verdict, after), .. OfConditions(before.Status, verdict, after)];

    private static IEnumerable<PlannedEvent> OfVerdict(JobView before, Verdict? verdict, TrainingJobStatus after)
    {
        switch (verdict)
        {
            case NewAttempt { Kind: AttemptKind.Start, Cause: Reasons.Resumed }:
                yield return PlannedEvent.Normal(Reasons.Resumed, "Resuming", $"resumes with attempt {after.Attempt} from its last checkpoint");
                break;
            case NewAttempt { Kind: AttemptKind.Start }:
                yield return PlannedEvent.Normal(Reasons.GangCreated, "Starting", $"starts with {Workers(after)}");
                break;
            case NewAttempt restart:
                if (restart.Failure is not null) yield return PlannedEvent.Warning(restart.Cause, "Releasing", restart.Message);
                yield return PlannedEvent.Normal(Reasons.Restarting, "Restarting", Restarting(before, restart, after));
                break;
            case Finish { Success: true }:
                yield return PlannedEvent.Normal(Reasons.Succeeded, "Finishing", $"{after.Message}{Took(after)}");
                break;
            case Finish:
                yield return PlannedEvent.Warning(Reason(after), "Failing", after.Message);
                break;
        }
    }

    private static IEnumerable<PlannedEvent> OfConditions(TrainingJobStatus before, Verdict? verdict, TrainingJobStatus after)
    {
        if (Turned(before, after, ConditionTypes.Suspended, out var suspended) && suspended.Status == "True")
            yield return PlannedEvent.Normal(suspended.Reason, "Suspending", suspended.Message);
        if (Turned(before, after, ConditionTypes.Valid, out var valid))
        {
            if (valid.Status == "False") yield return PlannedEvent.Warning(Reasons.SpecInvalid, "Validating", valid.Message);
            else if (ConditionHelper.Find(before.Conditions, ConditionTypes.Valid) is not null)
                yield return PlannedEvent.Normal(Reasons.SpecValid, "Validating", "the spec is valid again");
        }
        if (verdict is not (null or InvalidSpec) || !Turned(before, after, ConditionTypes.Running, out var running)) yield break;
        if (running.Status == "True") yield return PlannedEvent.Normal(Reasons.Running, "Running", $"{after.Message} (attempt {after.Attempt}){Recovered(after)}");
        else if (IsTrouble(running.Reason)) yield return PlannedEvent.Warning(running.Reason, "Waiting", running.Message);
    }

    private static bool IsTrouble(string reason) => reason is Reasons.Unschedulable or Reasons.ImagePull or Reasons.QuotaExceeded
        or Reasons.VolumeUnavailable or Reasons.ContainerConfig or Reasons.PodRejected or Reasons.ServiceAccountMissing
        or Reasons.AdmissionDenied or Reasons.OperatorForbidden or Reasons.NameConflict;

    private static bool Turned(TrainingJobStatus before, TrainingJobStatus after, string type, out k8s.Models.V1Condition now)
    {
        now = ConditionHelper.Find(after.Conditions, type)!;
        return now is not null && (ConditionHelper.Find(before.Conditions, type) is not { } then || then.Status != now.Status || then.Reason != now.Reason);
    }

    private static string Restarting(JobView before, NewAttempt restart, TrainingJobStatus after)
    {
        var when = restart.Delay > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $" in {restart.Delay.TotalSeconds:0.#} s") : " now";
        var count = restart.Kind == AttemptKind.CountedRestart
            ? $"restart {after.CountedRestarts} of {before.Spec.Failure.MaxRestarts}" : "does not count towards spec.failure.maxRestarts";
        var why = restart.Failure is null ? $": {restart.Message}" : "";
        return $"attempt {after.Attempt} starts{when} ({count}){why}";
    }

    private static string Reason(TrainingJobStatus after) =>
        ConditionHelper.Find(after.Conditions, ConditionTypes.Failed)?.Reason ?? Reasons.Failed;

    private static string Workers(TrainingJobStatus after) =>
        after.Workers is { Desired: > 1 } workers ? $"{workers.Desired} workers" : "1 worker";

    private static string Took(TrainingJobStatus after) =>
        after.RunningTime is { } time ? $" after {time}{(after.Restarts > 0 ? $" and {after.Restarts} restart(s)" : "")}" : "";

    private static string Recovered(TrainingJobStatus after) =>
        after.LastFailure is { DetectedAt: { } from, ResumedAt: { } to } failure
            && (failure.Attempt == after.Attempt - 1 || (failure.Attempt == after.Attempt && failure.Generation == after.Membership?.Generation - 1))
            ? $", {GoDuration.Format(to > from ? to - from : TimeSpan.Zero)} after the failure" : "";
}
