using AiDc.Api.V1Alpha1;
using AiDc.Operator.Planning;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>What to do about a service now. Carried out in the order of its members.</summary>
/// <param name="Status">The status to write first, null for none: it records what the steps are about to do.</param>
/// <param name="Events">Told after the status is written.</param>
/// <param name="RequeueAfter">When to look again although nothing changed.</param>
public sealed record ServicePlan(
    InferenceServiceStatus? Status, IReadOnlyList<PlannedEvent> Events, IReadOnlyList<PlanStep> Steps, TimeSpan? RequeueAfter)
{
    public static ServicePlan Nothing { get; } = new(null, [], [], null);

    /// <summary>What the service's own spec and annotations are to say of its replicas, written last; null: what they say.</summary>
    public ReplicasRecord? Record { get; init; }
}

/// <param name="Replicas">For spec.scaling.replicas, where autoscalers read it; null: it stays, somebody has pinned it.</param>
public sealed record ReplicasRecord(int? Replicas);

/// <summary>Makes what a service has once. A Service of that name that is somebody else's stays as it is.</summary>
public sealed record EnsureServiceObjects(V1Service Service, V1PodDisruptionBudget Budget) : PlanStep;

/// <summary>Makes the Deployment of a revision.</summary>
public sealed record CreateRevision(V1Deployment Deployment) : PlanStep;

/// <summary>Sets the replicas of a revision's Deployment; another one of that name stays.</summary>
public sealed record ScaleRevision(string Name, string Uid, int From, int To) : PlanStep;

/// <summary>Deletes the Deployment of a revision that has no pods any more; another one of that name stays.</summary>
public sealed record DeleteRevision(string Name, string Uid) : PlanStep;
