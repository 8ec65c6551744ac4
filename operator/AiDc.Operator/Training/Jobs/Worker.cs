using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>One worker of the present attempt and what is seen of it.</summary>
public sealed record Worker(int Index, ObservedPod? Pod, WorkerState State)
{
    /// <summary>Tells the state of a worker from its pod.</summary>
    /// <param name="container">The container that is the worker; what other containers of the pod do does not decide.</param>
    /// <param name="isDone">Its success is recorded: what becomes of its pod does not matter any more.</param>
    public static Worker Of(int index, ObservedPod? pod, string container, bool isDone = false) =>
        new(index, pod, isDone ? WorkerState.Succeeded : StateOf(pod, container));

    /// <summary>Whether the worker is doing, or has done, its part.</summary>
    public bool IsUp => State is WorkerState.Running or WorkerState.Succeeded;

    private static WorkerState StateOf(ObservedPod? pod, string container)
    {
        if (pod is null) return WorkerState.Missing;
        // First, because a program that ends with 0 when asked to stop has not succeeded.
        if (pod.IsBeingDeleted) return WorkerState.Leaving;
        if (pod.Phase == PodPhase.Succeeded) return WorkerState.Succeeded;
        var worker = pod.Containers.FirstOrDefault(c => !c.IsInit && c.Name == container);
        // A sidecar that failed makes the pod Failed, and not the worker. Where the cluster ended the pod, a program that ended with 0 was told to.
        if (pod.Phase == PodPhase.Failed)
            return worker is { Phase: ContainerPhase.Terminated, ExitCode: 0 } && pod is { Reason: null, Disruption: null } ? WorkerState.Succeeded : WorkerState.Failed;
        return worker switch
        {
            { Phase: ContainerPhase.Terminated, ExitCode: 0 } => WorkerState.Succeeded,
            { Phase: ContainerPhase.Terminated } => WorkerState.Failed,
            { Phase: ContainerPhase.Running } => WorkerState.Running,
            null when pod.Phase is PodPhase.Running or PodPhase.Unknown => WorkerState.Running,
            _ => pod.NodeName is null ? WorkerState.Unscheduled : WorkerState.Starting,
        };
    }
}

/// <summary>Where one worker of the present attempt is.</summary>
public enum WorkerState
{
    /// <summary>It has no pod.</summary>
    Missing,

    /// <summary>Its pod has no node.</summary>
    Unscheduled,

    /// <summary>Its pod has a node, its container does not run yet.</summary>
    Starting,

    Running,

    /// <summary>Its container ended with exit code 0.</summary>
    Succeeded,

    Failed,

    /// <summary>Somebody else deletes its pod.</summary>
    Leaving,
}
