using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Policies;

namespace AiDc.Operator.Serving.Status;

/// <summary>Computes the status of a service from what is seen of it and what was decided.</summary>
public static class ServiceStatusBuilder
{
    public static InferenceServiceStatus Build(ServiceView view, ServiceDecisions decided)
    {
        var status = view.Status;
        var situation = ServiceSituation.Of(view, decided);
        var revisions = Revisions(view, decided);
        var traffic = revisions.Where(r => r.Weight > 0).Select(r => new TrafficStatus { Revision = r.Name, Percent = r.Weight }).ToList();
        var ready = revisions.Sum(r => r.Ready);
        return status with
        {
            Phase = situation.Phase,
            Message = situation.Message,
            ObservedGeneration = view.Generation,
            Url = $"{view.Options.GatewayUrl.TrimEnd('/')}/v1/namespaces/{view.Service.Metadata.NamespaceProperty}/services/{view.Name}",
            Conditions = Conditions(view, decided, situation, ready),
            Replicas = new()
            {
                Ready = ready,
                Pods = view.Snapshot.Pods.Count(p => p is { IsOver: false, IsBeingDeleted: false }),
                Desired = decided.Replicas.Replicas,
                Summary = ReplicasStatus.Summarize(ready, decided.Replicas.Replicas),
            },
            Selector = $"{Labels.InferenceService}={Names.LabelValue(view.Name)}",
            Model = decided.Stable is { CanBeMade: true } stable ? stable.Model?.Status : status.Model,
            Stable = decided.Stable?.Name ?? status.Stable,
            Revisions = revisions,
            Traffic = traffic,
            TrafficSummary = traffic.Count == 0 ? null : string.Join(", ", traffic.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Revision} {t.Percent}%"))),
            Canary = decided.Canary.Status,
            Decisions = Decisions(view, decided),
            LastFailure = LastFailure(view),
        };
    }

    private static List<RevisionStatus> Revisions(ServiceView view, ServiceDecisions decided)
    {
        var made = new[] { decided.Candidate, decided.Stable }.OfType<Revision>().Where(r => view.Of(r.Name).Deployment is null && r.CanBeMade)
            .Select(r => Status(view, decided, r.Name, r.Model?.Status));
        var seen = view.Revisions.Where(r => r.Replicas > 0 || r.Pods.Count > 0 || decided.Layout.GetValueOrDefault(r.Name) > 0 || r.Name == decided.Stable?.Name)
            .Select(r => Status(view, decided, r.Name, r.Model));
        return [.. made.Concat(seen).Take(InferenceServiceStatus.MaxRevisions)];
    }

    private static RevisionStatus Status(ServiceView view, ServiceDecisions decided, string name, ServedModelStatus? model) => new()
    {
        Name = name,
        Model = model,
        Weight = decided.Weights.GetValueOrDefault(name),
        Ready = view.Of(name).Ready,
        Desired = decided.Layout.GetValueOrDefault(name),
    };

    private static IReadOnlyList<k8s.Models.V1Condition> Conditions(ServiceView view, ServiceDecisions decided, ServiceSituation situation, int ready)
    {
        var conditions = view.Status.Conditions;
        void Set(string type, bool? value, string reason, string message) =>
            conditions = ConditionHelper.With(conditions, type, value, reason, message, view.Generation, view.Now);

        var problem = decided.Problem ?? (view.Snapshot.Refusal is { Reason: Reasons.PodRejected } refusal ? $"spec.template: {refusal.Message}" : null);
        if (problem is null) Set(ConditionTypes.Valid, true, Reasons.SpecValid, "the spec is valid");
        else Set(ConditionTypes.Valid, false, Reasons.SpecInvalid, problem);
        Set(ConditionTypes.Ready, ready > 0, situation.Reason, situation.Message);
        Set(ConditionTypes.ModelLoaded, situation.Loaded, situation.Loaded ? Reasons.Loaded : situation.Reason,
            situation.Loaded ? $"{decided.Stable!.Name} has it" : situation.Message);
        if (view.Snapshot.ObjectsProblem is { } inTheWay) Set(ConditionTypes.Addressable, false, inTheWay.Reason, inTheWay.Message);
        else if (view.Snapshot.ObjectsFor?.Generation == view.Generation)
        {
            if (DirectAccessPolicy.ClosedBecause(view.Spec) is { } why) Set(ConditionTypes.Addressable, true, Reasons.GatewaysOnly, $"by way of the gateways alone (status.url): {why}");
            else Set(ConditionTypes.Addressable, true, Reasons.ObjectsMade, "its Service leads to its replicas");
        }
        var old = view.Revisions.Where(r => r.Name != decided.Stable?.Name && r.Name != decided.Candidate?.Name && (r.Replicas > 0 || r.Pods.Count > 0)).ToList();
        if (old.Count > 0 && decided.Stable is { } stable)
            Set(ConditionTypes.Progressing, true, Reasons.RollingOut, $"{stable.Name} takes over from {string.Join(", ", old.Select(r => r.Name))}");
        else if (decided.Stable is { } done)
            Set(ConditionTypes.Progressing, false, Reasons.RolledOut, $"{done.Name} is rolled out");
        if (decided.Canary.Status is { } canary)
            Set(ConditionTypes.Canary, decided.Candidate is not null, Reason(canary.Verdict), canary.Message ?? "");
        else if (ConditionHelper.Find(conditions, ConditionTypes.Canary) is not null)
            Set(ConditionTypes.Canary, false, Reasons.NoCanary, "none is tried");
        return ConditionHelper.Observed(conditions, view.Generation);
    }

    private static string Reason(string? verdict) => verdict switch
    {
        CanaryVerdict.Promoted => Reasons.CanaryPromoted,
        CanaryVerdict.RolledBack => Reasons.CanaryRolledBack,
        _ => verdict ?? Reasons.CanaryStarted,
    };

    private static IReadOnlyList<ScaleDecisionStatus> Decisions(ServiceView view, ServiceDecisions decided)
    {
        var from = view.Status.Replicas?.Desired ?? 0;
        var to = decided.Replicas.Replicas;
        if (from == to || decided.Problem is not null) return view.Status.Decisions;
        var decision = new ScaleDecisionStatus { From = from, To = to, Why = decided.Replicas.Why, At = Times.Milliseconds(view.Now) };
        return [decision, .. view.Status.Decisions.Take(InferenceServiceStatus.MaxDecisions - 1)];
    }

    /// <summary>The newest; one without a time of its own is kept as it was first seen.</summary>
    private static ServingFailureStatus? LastFailure(ServiceView view)
    {
        var known = view.Status.LastFailure;
        var seen = view.Snapshot.Pods.Select(p => ReplicaTrouble.Of(view, p)).OfType<ReplicaTrouble>().Where(t => t.IsFailure)
            .Where(t => t.At is not null || known is null || (known.Pod, known.Reason) != (t.Pod.Name, t.Reason))
            .Select(t => t.Status(view.Now)).OrderByDescending(f => f.DetectedAt).ThenBy(f => f.Pod, StringComparer.Ordinal).FirstOrDefault();
        return seen is null || (known is not null && known.DetectedAt >= seen.DetectedAt) ? known : seen;
    }
}
