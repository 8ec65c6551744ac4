using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training;

namespace AiDc.Operator.Serving;

/// <summary>What to do about a service now. Carried out in the order of its members.</summary>
/// <param name="Status">The status to write first, null for none: it records what the steps are about to do.</param>
/// <param name="Events">Told after the status is written.</param>
/// <param name="RequeueAfter">When to look again although nothing changed.</param>
public sealed record ServicePlan(
    InferenceServiceStatus? Status, IReadOnlyList<PlannedEvent> Events, IReadOnlyList<PlanStep> Steps, TimeSpan? RequeueAfter)
{
    public static ServicePlan Nothing { get; } = new(null, [], [], null);
}
