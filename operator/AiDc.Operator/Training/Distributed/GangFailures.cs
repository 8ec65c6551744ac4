using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Distributed;

/// <summary>Losses of workers of a distributed gang, for status.lastFailure.</summary>
public static class GangFailures
{
    public static FailureStatus Of(JobView view, Eviction evicted)
    {
        var pod = view.Snapshot.Pods.FirstOrDefault(p => p.Uid == evicted.PodUid);
        return new()
        {
            Worker = evicted.Index,
            Pod = pod?.Name ?? evicted.Pod,
            Node = pod?.NodeName ?? evicted.Node,
            Reason = ReasonOf(evicted.Reason),
            Message = Message(evicted),
            Attempt = view.Status.Attempt,
            Generation = view.Membership?.Generation,
            Step = view.LastStep,
            DetectedAt = Times.Milliseconds(view.Now),
        };
    }

    public static string Message(Eviction evicted) =>
        Words.Line($"worker {evicted.Index}{(evicted.Node is { } node ? $" on node {node}" : "")}: {evicted.Message}");

    public static string ReasonOf(EvictionReason reason) => reason switch
    {
        EvictionReason.Silent => Reasons.WorkerSilent,
        EvictionReason.ConnectionClosed => Reasons.ConnectionLost,
        EvictionReason.NotReady => Reasons.WorkerNotReady,
        EvictionReason.NodeLost => Reasons.NodeLost,
        EvictionReason.PodGone => Reasons.PodDeleted,
        _ => Reasons.WorkerFailed,
    };

    /// <summary>
    /// The failure that the status tells of. The first loss of several is the one that counts; what a kubelet says later of the same pod
    /// completes it.
    /// </summary>
    public static FailureStatus? Last(FailureStatus? known, IEnumerable<FailureStatus> seen)
    {
        var last = known;
        foreach (var failure in seen)
        {
            if (last is not null && last.Pod == failure.Pod && last.Attempt == failure.Attempt)
                last = last.ExitCode is not null || failure is { ExitCode: null, LogTail: null } ? last : Complete(last, failure);
            else if (last is null || last.ResumedAt is not null || last.Attempt != failure.Attempt || last.Generation != failure.Generation)
                last = failure;
        }
        return last;
    }

    private static FailureStatus Complete(FailureStatus known, FailureStatus later) => later with
    {
        Node = later.Node ?? known.Node,
        Generation = known.Generation,
        Step = known.Step,
        DetectedAt = known.DetectedAt,
        ResumedAt = known.ResumedAt,
        LostSteps = known.LostSteps,
    };
}
