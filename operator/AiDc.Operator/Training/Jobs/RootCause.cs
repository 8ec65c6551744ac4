using AiDc.Api;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Which worker's end broke the gang, and how it ended.</summary>
/// <param name="Container">The container that failed; null where the pod as a whole was ended.</param>
/// <param name="IsDisruption">The cluster or a person ended it: no fault of the program, so it does not count against the job.</param>
/// <param name="Detail">The words of whoever ended it.</param>
public sealed record RootCause(Worker Worker, string Reason, ObservedContainer? Container, bool IsDisruption, string? Detail = null)
{
    private static readonly TimeSpan HeardLately = TimeSpan.FromSeconds(10);

    public int? ExitCode => Container?.ExitCode;

    internal bool IsConfigurationError(JobView view) =>
        view.IsBuiltIn && !IsDisruption && ExitCode == ExitCodes.Configuration && Container!.Name == view.WorkerContainer;

    /// <summary>The built-in trainer went back to its last good checkpoint once, and the loss was no number again.</summary>
    internal bool IsDivergence(JobView view) =>
        view.IsBuiltIn && !IsDisruption && ExitCode == ExitCodes.Diverged && Container!.Name == view.WorkerContainer
        && !view.Spec.Failure.Rules.Any(r => r.ExitCodes.Contains(ExitCodes.Diverged));

    /// <summary>Null while no worker of the present attempt has failed or gone.</summary>
    /// <remarks>
    /// When a pod is taken away its peers often crash at once for want of it; so a pod taken away comes before any that failed.
    /// Of those that failed the first to end is the cause. Times have whole seconds, so within the first second a
    /// failure that a rule is about comes before the others.
    /// </remarks>
    public static RootCause? Find(JobView view)
    {
        foreach (var worker in view.Workers)
            if (OfNode(view, worker) is { } lost) return lost;
        var gone = view.Workers.FirstOrDefault(w => w.State == WorkerState.Leaving || (w.State == WorkerState.Missing && view.IsComplete));
        if (gone is not null) return OfTakenAway(gone);
        return view.Workers.Where(w => w.State == WorkerState.Failed)
            .Select(w => OfFailed(w, view.WorkerContainer))
            .OrderBy(c => c.Container?.FinishedAt ?? DateTimeOffset.MaxValue)
            .ThenByDescending(c => HasRule(view, c))
            .ThenBy(c => c.Worker.Index)
            .FirstOrDefault();
    }

    /// <summary>The node of a worker that has not ended is gone, or no longer has its GPUs: the pod's own status will never say so.</summary>
    private static RootCause? OfNode(JobView view, Worker worker)
    {
        if (worker.State == WorkerState.Succeeded || worker.Pod is not { Phase: not (PodPhase.Succeeded or PodPhase.Failed) } pod || NodeTrouble.Of(view.NodeOf(pod)) is not { } trouble) return null;
        // A kubelet may die and what it started live on: a built-in trainer that speaks is not lost.
        var speaks = view.IsBuiltIn && view.Snapshot.Progress is { } progress && progress.Attempt == view.Status.Attempt
            && view.Now - progress.LastHeardAt < HeardLately;
        return speaks && trouble.Reason == Reasons.NodeLost && !pod.IsBeingDeleted ? null : new(worker, trouble.Reason, null, true, trouble.Message);
    }

    private static bool HasRule(JobView view, RootCause cause) =>
        cause.IsConfigurationError(view)
        || (cause.ExitCode is { } code && view.Spec.Failure.Rules.Any(r => r.ExitCodes.Contains(code)));

    internal static RootCause OfTakenAway(Worker worker)
    {
        var pod = worker.Pod;
        var reason = pod is null ? null : ReasonOfPod(pod);
        return new(worker, reason ?? Reasons.PodDeleted, null, true, pod?.Disruption?.Message ?? pod?.Message);
    }

    internal static RootCause OfFailed(Worker worker, string workerContainer)
    {
        var pod = worker.Pod!;
        var container = pod.Containers.FirstOrDefault(c => c.Name == workerContainer && c.HasFailed)
            ?? pod.Containers.FirstOrDefault(c => c.HasFailed);
        if (ReasonOfPod(pod) is { } reason)
            return new(worker, reason, container, IsNoFaultOfIts(pod, reason), pod.Disruption?.Message ?? pod.Message);
        // A kubelet refuses pods that do not fit any more (OutOfcpu, NodeAffinity, UnexpectedAdmissionError …): nothing of it ever ran.
        if (container is null)
            return new(worker, pod.Reason ?? Reasons.WorkerFailed, null, pod.Reason is not (null or "DeadlineExceeded"), pod.Message);
        return new(worker, container.Reason is null or "Completed" ? "Error" : container.Reason, container, false);
    }

    /// <summary>Why the cluster ended the pod, null where its own program did.</summary>
    private static string? ReasonOfPod(ObservedPod pod) => (pod.Disruption?.Reason, pod.Reason) switch
    {
        ("PreemptionByScheduler", _) => Reasons.Preempted,
        ("DeletionByTaintManager" or "DeletionByPodGC", _) => Reasons.NodeLost,
        ("EvictionByEvictionAPI" or "TerminationByKubelet", _) => Reasons.Evicted,
        (not null, _) => pod.Disruption!.Reason,
        (_, "NodeLost") => Reasons.NodeLost,
        (_, "Evicted") => Reasons.Evicted,
        (_, "Shutdown" or "NodeShutdown" or "Terminated") => Reasons.NodeShutdown,
        (_, "Preempting") => Reasons.Preempted,
        _ => null,
    };

    // A kubelet also evicts a pod that used more disk than it may, without the condition: that is the program's doing and counts.
    private static bool IsNoFaultOfIts(ObservedPod pod, string reason) => pod.Disruption is not null || reason != Reasons.Evicted;
}
