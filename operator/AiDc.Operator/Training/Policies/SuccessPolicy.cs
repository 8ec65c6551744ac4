using AiDc.Api;
using AiDc.Operator.Training.Distributed;

namespace AiDc.Operator.Training.Policies;

/// <summary>A job has succeeded when all of its workers have; a distributed one when its members have ended with a result.</summary>
public static class SuccessPolicy
{
    public static Finish? Decide(JobView view) =>
        view.IsDistributed ? OfGang(view)
        : view.Status.Attempt > 0 && view.Workers.All(w => w.State == WorkerState.Succeeded)
            ? new(true, Reasons.WorkersSucceeded, view.Desired == 1 ? "the worker succeeded" : $"all {view.Desired} workers succeeded")
            : null;

    private static Finish? OfGang(JobView view)
    {
        if (view.Status.Attempt == 0 || !GangSuccess.IsDone(view)) return null;
        var members = view.Membership?.Members.Count ?? view.Desired;
        return new(true, Reasons.WorkersSucceeded, members == 1 ? "the worker succeeded" : $"all {members} workers succeeded");
    }
}
