using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Serving.Status;

/// <summary>Tells the life of a service in events: each turn of it once, never one a pod.</summary>
public static class ServiceEvents
{
    public static IEnumerable<PlannedEvent> Between(ServiceView before, InferenceServiceStatus after) =>
        [.. Validity(before.Status, after), .. Revision(before.Status, after), .. Readiness(before.Status, after), .. Objects(before.Status, after), .. Canary(before.Status.Canary, after.Canary), .. Scaling(before.Status, after), .. Failure(before.Status, after)];

    private static IEnumerable<PlannedEvent> Validity(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (!Turned(before, after, ConditionTypes.Valid, out var valid)) yield break;
        if (valid.Status == "False") yield return PlannedEvent.Warning(Reasons.SpecInvalid, "Validating", valid.Message);
        else if (ConditionHelper.Find(before.Conditions, ConditionTypes.Valid) is not null)
            yield return PlannedEvent.Normal(Reasons.SpecValid, "Validating", "the spec is valid again");
    }

    private static IEnumerable<PlannedEvent> Revision(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (after.Stable is { } stable && stable != before.Stable)
            yield return PlannedEvent.Normal(Reasons.RevisionCreated, "RollingOut", $"{stable} is to serve{(after.Model?.Uri is { } uri ? $" {uri}" : "")}");
    }

    private static IEnumerable<PlannedEvent> Readiness(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (!Turned(before, after, ConditionTypes.Ready, out var ready)) yield break;
        var was = ConditionHelper.IsTrue(before.Conditions, ConditionTypes.Ready);
        if (ready.Status == "True" && !was) yield return PlannedEvent.Normal(Reasons.Ready, "Serving", after.Message);
        else if (ready.Status != "True" && was && after.Phase != InferenceServicePhase.Idle) yield return PlannedEvent.Warning(ready.Reason, "Serving", after.Message);
    }

    private static IEnumerable<PlannedEvent> Objects(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (Turned(before, after, ConditionTypes.Addressable, out var addressable) && addressable.Status == "False")
            yield return PlannedEvent.Warning(addressable.Reason, "Addressing", addressable.Message);
    }

    private static IEnumerable<PlannedEvent> Canary(CanaryStatus? before, CanaryStatus? after)
    {
        if (after is null || (before?.Revision, before?.Verdict, before?.Step) == (after.Revision, after.Verdict, after.Step)) yield break;
        var note = $"{after.Revision}: {after.Message}";
        switch (after.Verdict)
        {
            case CanaryVerdict.Promoted:
                yield return PlannedEvent.Normal(Reasons.CanaryPromoted, "Promoting", note);
                break;
            case CanaryVerdict.RolledBack:
                yield return PlannedEvent.Warning(Reasons.CanaryRolledBack, "RollingBack", note);
                break;
            case CanaryVerdict.Starting:
                yield return PlannedEvent.Normal(Reasons.CanaryStarted, "Trying", note);
                break;
            case CanaryVerdict.Progressing when before?.Verdict != CanaryVerdict.Waiting || before.Step != after.Step:
                yield return PlannedEvent.Normal(Reasons.CanaryStep, "Trying", note);
                break;
        }
    }

    private static IEnumerable<PlannedEvent> Scaling(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (after.Decisions is [var decision, ..] && (before.Decisions is not [var known, ..] || known != decision))
            yield return PlannedEvent.Normal(Reasons.Scaled, "Scaling", $"from {decision.From} to {decision.To} replicas: {decision.Why}");
    }

    private static IEnumerable<PlannedEvent> Failure(InferenceServiceStatus before, InferenceServiceStatus after)
    {
        if (after.LastFailure is { } failure && (failure.Pod, failure.Reason) != (before.LastFailure?.Pod, before.LastFailure?.Reason))
            yield return PlannedEvent.Warning(failure.Reason ?? Reasons.ServerFailed, "Serving", $"{failure.Pod}: {failure.Message}");
    }

    private static bool Turned(InferenceServiceStatus before, InferenceServiceStatus after, string type, out k8s.Models.V1Condition now)
    {
        now = ConditionHelper.Find(after.Conditions, type)!;
        return now is not null && (ConditionHelper.Find(before.Conditions, type) is not { } then || then.Status != now.Status || then.Reason != now.Reason);
    }
}
