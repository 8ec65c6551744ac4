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

    /// <summary>
    /// Whether the operator has made, or is about to make, this pod for the job: of an attempt that it has begun, a worker that there is, and no
    /// replacement that it has not recorded. Owner and labels alone prove nothing: whoever may create pods can write them.
    /// </summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public static string? Unrecorded(TrainingJob? job, WorkerIdentity worker, int incarnation)
    {
        if (job is null || job.Metadata.Uid != worker.Job.Uid)
            return $"TrainingJob {worker.Job.Namespace}/{worker.Job.Name} is gone, or is another one by now";
        var status = job.Status;
        if (worker.Attempt < 1 || worker.Attempt > status.Attempt)
            return Unmade(worker, $"attempt {worker.Attempt} has not begun");
        if (worker.Attempt < status.Attempt)
            return null;
        if (worker.WorkerIndex >= Math.Max(job.Spec.Workers.Replicas, status.Workers?.Desired ?? 0) && status.Membership?.Members.Any(m => m.PodUid == worker.PodUid) != true)
            return Unmade(worker, $"there is no worker {worker.WorkerIndex}");
        return incarnation > (status.Replacements?.FirstOrDefault(r => r.Index == worker.WorkerIndex)?.Incarnation ?? 0)
            ? Unmade(worker, $"worker {worker.WorkerIndex} was not replaced so often") : null;
    }

    public static int Incarnation(V1Pod pod) => Number(pod, Labels.Incarnation) ?? 0;

    private static string Unmade(WorkerIdentity worker, string why) =>
        $"pod {worker.Job.Namespace}/{worker.PodName} is not a worker that the operator made for TrainingJob {worker.Job.Name}: {why}";

    private static string? Label(V1Pod pod, string name) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;

    private static int? Number(V1Pod pod, string label) =>
        int.TryParse(Label(pod, label), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
