using AiDc.Api.Values;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>Deletes a finished job after spec.ttlAfterFinished.</summary>
public static class TtlAfterFinishedPolicy
{
    public static Expire? Decide(JobView view) =>
        Remaining(view) is { } left && left <= TimeSpan.Zero
            ? new($"finished for longer than spec.ttlAfterFinished ({view.Spec.TtlAfterFinished})")
            : null;

    /// <summary>The time left; null where the job has not finished, or is kept for ever.</summary>
    public static TimeSpan? Remaining(JobView view) =>
        view.IsFinished && view.Status.CompletionTime is { } finished && GoDuration.TryParse(view.Spec.TtlAfterFinished, out var ttl)
            ? finished + ttl - view.Now
            : null;
}
