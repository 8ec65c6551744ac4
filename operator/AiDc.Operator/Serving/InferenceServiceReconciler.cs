using AiDc.ControllerRuntime;
using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving;

/// <summary>Gathers, decides and acts for one InferenceService.</summary>
public sealed class InferenceServiceReconciler(
    ServiceGatherer gatherer, ServicePlanExecutor executor, ServiceMemory memory, ILoadBoard board, ServingOptions options, TimeProvider clock) : IReconciler
{
    public async Task<Result> ReconcileAsync(Request request, CancellationToken ct)
    {
        if (gatherer.Gather(request.Name) is not { } snapshot)
        {
            memory.Forget(request.Name);
            board.Forget(request.Name);
            var (left, nodes) = gatherer.LeftBehind(request.Name);
            await executor.DeletePodsAsync(request.Name, ServicePlanner.LeftBehind(left, nodes), ct);
            return Result.Done;
        }
        var plan = ServicePlanner.Plan(snapshot, options, clock.GetUtcNow());
        if (!await executor.ExecuteAsync(snapshot, plan, ct)) return Result.After(TimeSpan.Zero);
        return plan.RequeueAfter is { } after ? Result.After(after) : Result.Done;
    }
}
