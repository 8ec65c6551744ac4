using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Operator.Coordination.Authentication;

/// <summary>Which worker of which job a pod is. Pure.</summary>
internal static class WorkerPods
{
    /// <summary>
    /// The job is the pod's controlling owner, and the pod carries the name and labels the operator gave it. Both must agree: a pod that
    /// somebody else made, in the same namespace even, is nobody's worker.
    /// </summary>
    public static (WorkerIdentity? Worker, string? Problem) Identify(V1Pod? pod, PodReference bound)
    {
        if (pod is null || pod.Metadata.Uid != bound.Uid)
            return (null, $"pod {bound.Namespace}/{bound.Name} is gone");
        if (pod.Status?.Phase is "Succeeded" or "Failed")
            return (null, $"pod {bound.Namespace}/{bound.Name} has ended");
        var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        if (owner is null || owner.Kind != TrainingJob.KubeKind || !owner.ApiVersion.StartsWith(TrainingJob.KubeGroup + "/", StringComparison.Ordinal))
            return (null, $"pod {bound.Namespace}/{bound.Name} belongs to no TrainingJob");
        if (Number(pod, Labels.WorkerIndex) is not { } index || Number(pod, Labels.Attempt) is not { } attempt
            || Label(pod, Labels.JobUid) != owner.Uid
            || pod.Metadata.Name != Names.WorkerPod(owner.Name, index, attempt, Number(pod, Labels.Incarnation) ?? 0))
            return (null, $"pod {bound.Namespace}/{bound.Name} is not a worker that the operator made for TrainingJob {owner.Name}");
        return (new(new JobKey(bound.Namespace, owner.Name, owner.Uid), attempt, index, bound.Name, bound.Uid), null);
    }

    private static string? Label(V1Pod pod, string name) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;

    private static int? Number(V1Pod pod, string label) =>
        int.TryParse(Label(pod, label), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
