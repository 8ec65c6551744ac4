using AiDc.Api;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>A job has succeeded when all of its workers have; of a distributed one see <c>GangSuccess</c>.</summary>
public static class SuccessPolicy
{
    public static Finish? Decide(JobView view) =>
        !view.IsDistributed && view.Status.Attempt > 0 && view.Workers.All(w => w.State == WorkerState.Succeeded)
            ? new(true, Reasons.WorkersSucceeded, view.Desired == 1 ? "the worker succeeded" : $"all {view.Desired} workers succeeded")
            : null;
}
