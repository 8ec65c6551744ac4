using AiDc.Api;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>A spec that makes no sense, or that the API server refuses to make pods from, makes no pods until it is edited.</summary>
public static class ValidationPolicy
{
    public static InvalidSpec? Decide(JobView view) => view.Problem is { } problem ? new(problem) : null;

    /// <summary>What the API server finds wrong with the pods themselves, which only it can tell.</summary>
    public static string? Rejection(JobView view) =>
        view.Refusal is { Reason: Reasons.PodRejected } refusal ? $"spec.template: {refusal.Message}" : null;
}
