using AiDc.Api.V1Alpha1;
using AiDc.Operator.Membership;
using AiDc.Operator.Planning;
using AiDc.Operator.Training.Builders;
using k8s.Models;

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

/// <summary>Tells the workers who trains together, which the status that was written before says.</summary>
public sealed record AnnounceMembership(MembershipDecision Decision) : PlanStep;

/// <summary>Makes the Service lead to worker 0 of the attempt; its address is given to the pods created after it.</summary>
public sealed record EnsureMasterService(V1Service Service, int Attempt) : PlanStep;

/// <summary>Creates the workers of the gang that are missing.</summary>
/// <param name="Incarnations">Of those that are replaced, by index; null where none is.</param>
public sealed record CreateWorkers(GangBlueprint Gang, IReadOnlyList<int> Indexes, IReadOnlyDictionary<int, int>? Incarnations = null) : PlanStep;

/// <summary>Deletes the job itself; the garbage collector takes its pods.</summary>
public sealed record DeleteJob(string Why) : PlanStep;
