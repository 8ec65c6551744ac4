using AiDc.Api;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Finds out why a gang does not run yet, in the words of whoever knows: the scheduler, a kubelet or the API server.</summary>
public static class PendingReason
{
    /// <summary>Null once all workers run, or where nothing has been created.</summary>
    public static WaitReason? Of(JobView view)
    {
        if (view.Refusal is { } refusal)
            return new(refusal.Reason, Words.Line(Created(view) + refusal.Message), null, IsTrouble: true);
        var waits = view.Workers
            .Where(w => w.State is WorkerState.Unscheduled or WorkerState.Starting)
            .Select(w => (Worker: w, Wait: OfPod(view, w)))
            .ToList();
        if (waits.Count == 0) return null;
        // The gravest decides; of equals the lowest index, so that the words stay the same while nothing changes.
        var (worker, wait) = waits.OrderByDescending(w => Gravity(w.Wait.Reason)).ThenBy(w => w.Wait.IsVague).ThenBy(w => w.Worker.Index).First();
        if (wait.IsVague && Known(view, wait.Reason) is { } known) return wait with { Message = known };
        if (view.Desired == 1) return wait with { Message = Words.Line(wait.Message) };
        var alike = waits.Count(w => w.Wait.Reason == wait.Reason);
        var whose = wait.IsTrouble ? $"; first {worker.Pod!.Name}" : "";
        return wait with { Message = Words.Line($"{wait.Message} ({alike} of {view.Desired} workers{whose})") };
    }

    private static string Created(JobView view) =>
        view.Desired == 1 ? "" : $"{view.GangPods.Count()} of {view.Desired} pods created: ";

    /// <summary>The message that the status already has for this reason.</summary>
    private static string? Known(JobView view, string reason) =>
        ConditionHelper.Find(view.Status.Conditions, ConditionTypes.Running) is { } known && known.Reason == reason ? known.Message : null;

    private static int Gravity(string reason) => reason switch
    {
        Reasons.ContainerConfig => 5,
        Reasons.ImagePull => 4,
        Reasons.VolumeUnavailable => 3,
        Reasons.Unschedulable => 2,
        Reasons.WorkersPending => 1,
        _ => 0,
    };

    private static WaitReason OfPod(JobView view, Worker worker)
    {
        var pod = worker.Pod!;
        if (pod.NodeName is null)
            return pod.Unschedulable is { } notice ? OfScheduler(worker, notice)
                : new(Reasons.WorkersPending, "waiting for the scheduler", worker.Index, IsTrouble: false);
        var stuck = pod.Containers.FirstOrDefault(c => c.Phase == ContainerPhase.Waiting && IsTrouble(c.Reason));
        if (stuck is not null) return OfContainer(view, worker, stuck);
        // What runs already has its sandbox and its volumes: a warning is of the time before.
        if (pod.Containers.FirstOrDefault(c => c.IsInit && c.Phase == ContainerPhase.Running) is { } init)
            return new(Reasons.WorkersStarting, $"init container {init.Name} runs", worker.Index, IsTrouble: false);
        if (view.Snapshot.Troubles?.GetValueOrDefault(pod.Uid) is { } trouble)
            return new(trouble.Reason, $"on node {pod.NodeName}: {trouble.Message}", worker.Index, IsTrouble: true);
        return new(Reasons.WorkersStarting, "containers are being created", worker.Index, IsTrouble: false);
    }

    private static WaitReason OfScheduler(Worker worker, PodNotice notice)
    {
        if (notice.Reason == "SchedulingGated")
            return new(Reasons.WorkersPending, "held by a scheduling gate of the pod", worker.Index, IsTrouble: true);
        var message = notice.Message ?? "the scheduler finds no node for it";
        // The scheduler has one condition for all it cannot place; a problem with claims and volumes is fixed elsewhere.
        var isVolume = message.Contains("persistentvolume", StringComparison.OrdinalIgnoreCase)
            || message.Contains("volume node affinity", StringComparison.OrdinalIgnoreCase);
        return new(isVolume ? Reasons.VolumeUnavailable : Reasons.Unschedulable, message, worker.Index, IsTrouble: true);
    }

    private static WaitReason OfContainer(JobView view, Worker worker, ObservedContainer container)
    {
        var isPull = container.Reason!.Contains("Image", StringComparison.Ordinal) || container.Reason == "RegistryUnavailable";
        var name = container.Name == view.WorkerContainer ? "" : $"container {container.Name}: ";
        // kubelet alternates between the error of a pull and "back-off pulling image", which hides it.
        return new(
            isPull ? Reasons.ImagePull : Reasons.ContainerConfig,
            $"{name}{container.Reason}: {container.Message ?? "no details given"}",
            worker.Index, IsTrouble: true, IsVague: container.Reason == "ImagePullBackOff");
    }

    private static bool IsTrouble(string? reason) => reason is not (null or "" or "ContainerCreating" or "PodInitializing");
}

/// <summary>What a gang that does not run waits for.</summary>
/// <param name="Reason">One of <see cref="Api.Reasons"/>: the reason of the condition Running.</param>
/// <param name="Worker">The first worker that it is about; null for the gang.</param>
/// <param name="IsTrouble">False for the usual course of a start.</param>
/// <param name="IsVague">The cause itself was said before and is no longer shown by the pod.</param>
public sealed record WaitReason(string Reason, string Message, int? Worker, bool IsTrouble, bool IsVague = false);
