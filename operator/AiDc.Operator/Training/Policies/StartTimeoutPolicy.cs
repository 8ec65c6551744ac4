using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>
/// Releases a gang that is not wholly running within spec.failure.startTimeout, so that what part of it has does not keep
/// another gang from starting, and tries again later.
/// </summary>
public static class StartTimeoutPolicy
{
    public static NewAttempt? Decide(JobView view)
    {
        if (Remaining(view) is not { } left || left > TimeSpan.Zero) return null;
        var why = PendingReason.Of(view);
        var blocked = view.Workers.FirstOrDefault(w => !w.IsUp && (why?.Worker is null || w.Index == why.Worker)) ?? view.Workers[0];
        var up = view.Workers.Count(w => w.IsUp);
        var message = Words.Line(
            $"{up} of {view.Desired} workers ran within spec.failure.startTimeout ({view.Spec.Failure.StartTimeout})"
            + (why is not null ? $": {why.Message}" : view.IsDistributed ? " and did not form a group" : ""));
        var failure = new FailureStatus
        {
            Worker = blocked.Index,
            Pod = blocked.Pod?.Name ?? Names.WorkerPod(view.Job.Metadata.Name, blocked.Index, view.Status.Attempt),
            Node = blocked.Pod?.NodeName,
            Reason = Reasons.StartTimeout,
            Message = message,
            Attempt = view.Status.Attempt,
            DetectedAt = Times.Milliseconds(view.Now),
        };
        var inRow = RestartBackoff.FailuresInRow(view);
        return new(Reasons.StartTimeout, message, AttemptKind.Restart, failure,
            RestartBackoff.Delay(inRow, view.Job.Metadata.Uid, view.Options), inRow);
    }

    /// <summary>The time left to start; null once the gang runs, and while it holds nothing that it could release.</summary>
    public static TimeSpan? Remaining(JobView view)
    {
        if (view.IsWhollyUp || (view.IsDistributed && view.HasTrained) || !GoDuration.TryParse(view.Spec.Failure.StartTimeout, out var timeout)) return null;
        // From the first pod on: before that the gang waited for the one before to end, or for quota, and held nothing.
        if (view.GangPods.Min(p => p.Metadata.CreationTimestamp) is not { } created) return null;
        var firstPod = Times.Utc(created);
        var begun = view.Status.AttemptStartTime is { } start && start > firstPod ? start : firstPod;
        return begun + timeout - view.Now;
    }
}
