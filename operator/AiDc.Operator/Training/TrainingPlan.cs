using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Training;

/// <summary>What to do about a job now. Carried out in the order of its members.</summary>
/// <param name="Status">
/// The status to write first, null for none. It records both what was seen and what the steps are about to do, so that an
/// operator that dies between two of them is followed by one that goes on from there.
/// </param>
/// <param name="Events">Told after the status is written.</param>
/// <param name="RequeueAfter">When to look again although nothing changed.</param>
/// <param name="RestartCause">Set where the plan starts another attempt after the first; for the metric.</param>
public sealed record TrainingPlan(
    TrainingJobStatus? Status,
    IReadOnlyList<PlannedEvent> Events,
    IReadOnlyList<PlanStep> Steps,
    TimeSpan? RequeueAfter,
    string? RestartCause = null)
{
    public static TrainingPlan Nothing { get; } = new(null, [], [], null);
}
