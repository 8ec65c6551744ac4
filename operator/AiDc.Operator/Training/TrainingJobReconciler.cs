using AiDc.ControllerRuntime;
using AiDc.Operator.Coordination;
using AiDc.Operator.Training.Builders;
using AiDc.Operator.Training.Jobs;

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
            return Result.Done;
        }
        var link = coordinator is null ? null : await coordinator.GetAsync(ct) is { } endpoint ? new WorkerLink(endpoint.Address, endpoint.CaBundle) : null;
        var plan = TrainingJobPlanner.Plan(snapshot, options, clock.GetUtcNow(), link);
        if (!await executor.ExecuteAsync(snapshot, plan, ct)) return Result.After(TimeSpan.Zero);
        return plan.RequeueAfter is { } after ? Result.After(after < LongestSleep ? after : LongestSleep) : Result.Done;
    }
}
