using AiDc.Api;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>Suspends while spec.suspend says so, and starts a new gang once it no longer does.</summary>
public static class SuspendPolicy
{
    public static Suspend? Decide(JobView view) => view.Spec.Suspend ? new() : null;

    public static NewAttempt? Resume(JobView view) =>
        view.IsSuspended && !view.Spec.Suspend
            ? new(Reasons.Resumed, "resumed from its last checkpoint", AttemptKind.Start)
            : null;
}
