using AiDc.ControllerRuntime;
using AiDc.Operator.Coordination;
using AiDc.Operator.Training.Builders;
using AiDc.Operator.Training.Jobs;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Training;

/// <summary>Gathers, decides and acts for one TrainingJob.</summary>
public sealed class TrainingJobReconciler(
    TrainingJobGatherer gatherer, PlanExecutor executor, JobMemory memory, TrainingOptions options, TimeProvider clock,
    ICoordinatorEndpoint? coordinator = null) : IReconciler
{
    /// <summary>Nothing is left alone for longer, however far its next deadline is.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    public async Task<Result> ReconcileAsync(Request request, CancellationToken ct)
    {
        if (await gatherer.GatherAsync(request.Name, ct) is not { } snapshot)
        {
            memory.Forget(request.Name);
            var (left, nodes) = gatherer.LeftBehind(request.Name);
            await executor.DeletePodsAsync(request.Name, [.. LostPodPolicy.Decide(left, nodes)], ct);
            return Result.Done;
        }
        var endpoint = coordinator is null ? null : await coordinator.GetAsync(ct);
        var plan = TrainingJobPlanner.Plan(
            snapshot, options, clock.GetUtcNow(), endpoint is null ? null : new WorkerLink(endpoint.Address, endpoint.CaBundle), endpoint is null ? coordinator?.Problem : null);
        if (!await executor.ExecuteAsync(snapshot, plan, ct)) return Result.After(TimeSpan.Zero);
        return plan.RequeueAfter is { } after ? Result.After(after < LongestSleep ? after : LongestSleep) : Result.Done;
    }
}
