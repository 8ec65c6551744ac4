using AiDc.Api;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>A job that has never been tried is.</summary>
public static class FirstAttemptPolicy
{
    public static NewAttempt? Decide(JobView view) =>
        view.Status.Attempt == 0 ? new(Reasons.GangCreated, "starts", AttemptKind.Start) : null;
}
