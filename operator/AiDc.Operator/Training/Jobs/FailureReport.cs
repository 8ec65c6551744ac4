using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Puts a failure into words for status.lastFailure.</summary>
public static class FailureReport
{
    public static FailureStatus Of(JobView view, RootCause cause)
    {
        var pod = cause.Worker.Pod;
        var member = view.Status.Workers?.Members.FirstOrDefault(m => m.Index == cause.Worker.Index);
        var name = pod?.Name ?? member?.Pod ?? Names.WorkerPod(view.Job.Metadata.Name, cause.Worker.Index, view.Status.Attempt);
        var node = pod?.NodeName ?? member?.Node;
        return new()
        {
            Worker = cause.Worker.Index,
            Pod = name,
            Node = node,
            ExitCode = cause.ExitCode,
            Reason = cause.Reason,
            Message = Words.Line($"worker {cause.Worker.Index}{(node is null ? "" : $" on node {node}")} {Verb(view, cause)}{Detail(cause)}"),
            LogTail = Words.Tail(cause.Container?.Message, FailureStatus.MaxLogTail),
            Attempt = view.Status.Attempt,
            Generation = view.Membership?.Generation,
            Step = view.IsDistributed ? view.LastStep : view.Snapshot.Progress?.Training?.Step ?? view.Status.Progress?.Step,
            DetectedAt = Times.Milliseconds(view.Now),
        };
    }

    private static string Verb(JobView view, RootCause cause) => cause.Reason switch
    {
        Reasons.OutOfMemory => $"ran out of memory{Limit(view)}{Code(cause)}",
        Reasons.Evicted => "was evicted",
        Reasons.NodeLost or Reasons.NodeDeleted => "was lost with its node",
        Reasons.GpuWithdrawn => "lost its GPU",
        Reasons.NodeCordoned => "leaves its node, which was cordoned",
        Reasons.NodeShutdown => "was ended by the shutdown of its node",
        Reasons.Preempted => "was preempted",
        Reasons.PodDeleted => "lost its pod: somebody deleted it",
        _ when cause.Container is null => $"could not run: {cause.Reason}",
        "Error" => $"failed with exit code {cause.ExitCode}",
        _ => $"failed: {cause.Reason}{Code(cause)}",
    } + (cause.Container switch
    {
        { IsInit: true } init => $" in init container {init.Name}",
        { } other when other.Name != view.WorkerContainer => $" in container {other.Name}",
        _ => "",
    });

    private static string Limit(JobView view) =>
        view.Spec.Resources.Memory is { } memory ? $": more than its limit of {memory} (spec.resources.memory)" : "";

    private static string Code(RootCause cause) => cause.ExitCode is { } code ? $" (exit code {code})" : "";

    private static string Detail(RootCause cause) => string.IsNullOrWhiteSpace(cause.Detail) ? "" : $": {cause.Detail}";
}
