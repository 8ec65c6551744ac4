using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>Ends a job that has been active for longer than spec.activeDeadline. Time while suspended does not count.</summary>
public static class ActiveDeadlinePolicy
{
    public static Finish? Decide(JobView view) =>
        Remaining(view) is { } left && left <= TimeSpan.Zero
            ? new(false, Reasons.DeadlineExceeded, $"not finished within spec.activeDeadline ({view.Spec.ActiveDeadline})")
            : null;

    /// <summary>The time left; null where there is no deadline, or while its clock stands still.</summary>
    public static TimeSpan? Remaining(JobView view) =>
        view.Status.ActiveSince is not null && GoDuration.TryParse(view.Spec.ActiveDeadline, out var deadline)
            ? deadline - Used(view.Status, view.Now)
            : null;

    /// <summary>For how long a job has been active.</summary>
    public static TimeSpan Used(TrainingJobStatus status, DateTimeOffset now)
    {
        var before = GoDuration.TryParse(status.RunningTime, out var time) ? time : TimeSpan.Zero;
        return status.ActiveSince is { } since && now > since ? before + (now - since) : before;
    }
}
