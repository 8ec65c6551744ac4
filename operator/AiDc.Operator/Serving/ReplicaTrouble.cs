using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving;

/// <summary>What keeps a replica from answering, in the words of whoever knows: the scheduler, a kubelet, the server itself.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>, or the container's own.</param>
/// <param name="IsCrash">Its server ended, and not because it was told to.</param>
/// <param name="Restarts">How often its server was started again.</param>
/// <param name="IsFailure">Belongs into status.lastFailure; false for what may pass by itself.</param>
public sealed record ReplicaTrouble(
    ServingPod Pod, string Reason, string Message, bool IsCrash = false, int Restarts = 0, int? ExitCode = null, string? Log = null,
    DateTimeOffset? At = null, bool IsFailure = true)
{
    /// <summary>Null for a pod that answers, and for one that merely starts.</summary>
    public static ReplicaTrouble? Of(ServiceView view, ServingPod pod)
    {
        if (view.NodeOf(pod) is { IsLost: true } lost)
            return new(pod, lost.IsDeleted ? Reasons.NodeDeleted : Reasons.NodeLost, $"node {lost.Name} is lost");
        if (view.IsUnreachable(pod)) return new(pod, Reasons.Unreachable, $"no gateway reaches {pod.Name}", IsFailure: false);
        if (pod.IsReady || pod.IsBeingDeleted) return null;
        if (pod.Spec.NodeName is null)
            return pod.Unschedulable is { } why ? new(pod, Reasons.Unschedulable, why, IsFailure: false) : null;
        return pod.Containers.Select(c => OfContainer(pod, c)).FirstOrDefault(t => t is not null)
            ?? (pod.Initializing is null && view.Snapshot.Troubles.GetValueOrDefault(pod.Metadata.Uid) is { } trouble ? new(pod, trouble.Reason, $"on node {pod.Spec.NodeName}: {trouble.Message}") : null);
    }

    /// <summary>The gravest of a revision; of equals that of the first pod by name, so that the words stay the same while nothing changes.</summary>
    public static ReplicaTrouble? Worst(ServiceView view, RevisionView revision) => revision.Pods
        .Select(p => Of(view, p)).OfType<ReplicaTrouble>()
        .OrderByDescending(t => t.IsCrash).ThenByDescending(t => t.IsFailure).ThenBy(t => t.Pod.Name, StringComparer.Ordinal).FirstOrDefault();

    public ServingFailureStatus Status(DateTimeOffset now) => new()
    {
        Pod = Pod.Name,
        Revision = Pod.Revision,
        Node = Pod.Spec.NodeName,
        ExitCode = ExitCode,
        Reason = Reason,
        Message = Words.Line(Message),
        LogTail = Words.Tail(Log, FailureStatus.MaxLogTail),
        DetectedAt = Times.Milliseconds(At ?? now),
    };

    private static ReplicaTrouble? OfContainer(ServingPod pod, ServingPod.ContainerStatus container)
    {
        var waiting = container.State?.Waiting;
        if (waiting?.Reason is { } reason && reason.Contains("Image", StringComparison.Ordinal))
            return new(pod, Reasons.ImagePull, Words.Line($"{reason}: {waiting.Message ?? "no details given"}"));
        if (container.LastEnd is { } end && (end.ExitCode != 0 || waiting?.Reason == "CrashLoopBackOff"))
            return new(pod, end.Reason is null or "Completed" ? "Error" : end.Reason, Ended(container, end), true, container.RestartCount, end.ExitCode, end.Message, end.FinishedAt);
        return waiting?.Reason is not (null or "" or "ContainerCreating" or "PodInitializing")
            ? new(pod, Reasons.ContainerConfig, Words.Line($"{waiting.Reason}: {waiting.Message ?? "no details given"}"))
            : null;
    }

    private static string Ended(ServingPod.ContainerStatus container, ServingPod.Terminated end)
    {
        var how = end.Reason == Reasons.OutOfMemory
            ? "ran out of memory (spec.resources.memory)"
            : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {end.ExitCode}");
        var last = end.Message?.TrimEnd().Split('\n')[^1].Trim();
        return Words.Line($"{container.Name} {how}{(string.IsNullOrEmpty(last) ? "" : $": {last}")}");
    }
}
