using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Policies;

namespace AiDc.Operator.Serving.Status;

/// <summary>What a service can do now: its phase, whether its model is loaded, and the words for both.</summary>
/// <param name="Loaded">Whether a replica of the stable revision has the model.</param>
public sealed record ServiceSituation(string Phase, string Reason, string Message, bool Loaded)
{
    public static ServiceSituation Of(ServiceView view, ServiceDecisions decided)
    {
        var now = WithObjects(view, Now(view, decided));
        if (decided.Problem is not { } problem) return now;
        return view.Revisions.Any(r => r.Ready > 0)
            ? now with { Message = Words.Line($"{now.Message}, by the spec before; the present one is invalid: {problem}") }
            : now with { Phase = InferenceServicePhase.Pending, Reason = Reasons.SpecInvalid, Message = Words.Line($"invalid: {problem}") };
    }

    private static ServiceSituation WithObjects(ServiceView view, ServiceSituation now) =>
        view.Snapshot.ObjectsProblem is { } problem
            ? now with { Phase = now.Phase == InferenceServicePhase.Ready ? InferenceServicePhase.Degraded : now.Phase, Message = Words.Line($"{now.Message}; {problem.Message}") }
            : now;

    private static ServiceSituation Now(ServiceView view, ServiceDecisions decided)
    {
        var ready = view.Revisions.Sum(r => r.Ready);
        if (decided.Stable is not { } stable)
            return new(InferenceServicePhase.Pending, decided.Model?.Reason ?? Reasons.TrainingPending, Words.Line(decided.Model?.Message ?? "no revision is made yet"), false);
        var seen = view.Of(stable.Name);
        var loaded = seen.Ready > 0;
        var desired = decided.Replicas.Replicas;
        var trouble = ReplicaTrouble.Worst(view, seen);
        if (ready == 0) return Down(view, decided, seen, trouble);
        if (!loaded)
        {
            // A revision that may not even be made: its name is taken, quota, admission.
            var refusal = seen.Deployment is null ? view.Snapshot.Refusal : null;
            var why = Why(view, seen, trouble) ?? refusal?.Message;
            return new(why is null ? InferenceServicePhase.Ready : InferenceServicePhase.Degraded, trouble?.Reason ?? refusal?.Reason ?? Reasons.RollingOut, Words.Line(
                $"{Count(ready)} of the revision before answer; {stable.Name} {(why is null ? "starts" : $"does not come up: {why}")}"), false);
        }
        if (ready >= desired) return new(InferenceServicePhase.Ready, Reasons.Ready, $"{Count(ready)} answer{Waits(decided)}", true);
        var missing = Why(view, seen, trouble);
        return new(missing is null ? InferenceServicePhase.Ready : InferenceServicePhase.Degraded, trouble?.Reason ?? Reasons.ReplicasMissing,
            Words.Line($"{ready} of {desired} replicas answer{(missing is null ? ", the others start" : $": {missing}")}{Waits(decided)}"), true);
    }

    private static ServiceSituation Down(ServiceView view, ServiceDecisions decided, RevisionView seen, ReplicaTrouble? trouble)
    {
        if (decided.Replicas.Replicas == 0 && decided.Candidate is null)
            return new(InferenceServicePhase.Idle, Reasons.Idle,
                view.Pinned is not null ? "spec.scaling.replicas is 0" : "no replica: no request comes; one starts with the next", false);
        if (Why(view, seen, trouble) is { } why)
        {
            var phase = trouble is { IsFailure: true } || trouble is null ? InferenceServicePhase.Failed : InferenceServicePhase.Pending;
            return new(phase, trouble?.Reason ?? Reasons.ServerFailed, Words.Line(why), false);
        }

        if (view.Snapshot.Refusal is { } refusal) return new(InferenceServicePhase.Pending, refusal.Reason, Words.Line(refusal.Message), false);
        var scheduled = seen.Pods.Any(p => p.Spec.NodeName is not null && !p.IsBeingDeleted);
        return scheduled
            ? new(InferenceServicePhase.Loading, Reasons.Loading, Initializing(seen) is { } init ? Words.Line(init) : "the server starts and loads the model", false)
            : new(InferenceServicePhase.Pending, Reasons.WorkersPending, "replicas are being created", false);
    }

    private static string? Why(ServiceView view, RevisionView seen, ReplicaTrouble? trouble) =>
        trouble is not null ? trouble.Message
        : seen.Deployment?.Refusal is { } refusal && seen.Pods.Count < seen.Replicas ? refusal
        : null;

    private static string? Initializing(RevisionView seen) =>
        seen.Pods.Where(p => !p.IsBeingDeleted && p.Initializing is not null).MinBy(p => p.Name, StringComparer.Ordinal) is { } pod
            ? $"init container {pod.Initializing} of {pod.Name} runs" : null;

    private static string Waits(ServiceDecisions decided) => decided.Model is { Model: null, Message: { } message } ? $", with the model before: {message}" : "";

    private static string Count(int replicas) => replicas == 1 ? "1 replica" : $"{replicas} replicas";
}
