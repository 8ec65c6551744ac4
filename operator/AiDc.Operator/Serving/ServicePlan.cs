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

/// <summary>Makes the objects that a service has apart from its Deployments, and removes those that it no longer has. Those of somebody else stay.</summary>
/// <param name="For">What they are planned for.</param>
/// <param name="Name">Of the Service and the NetworkPolicy.</param>
/// <param name="Service">Leads straight to the replicas; null: there is to be none.</param>
/// <param name="Fence">Lets gateways alone to the replicas; null: there is to be none.</param>
/// <param name="Budgets">One for each revision; there is to be no other.</param>
public sealed record EnsureServiceObjects(
    ObjectsKey For, string Name, V1Service? Service, V1NetworkPolicy? Fence, IReadOnlyList<V1PodDisruptionBudget> Budgets) : PlanStep;

/// <summary>Who may go past the gateways.</summary>
/// <param name="IsOpen">Whether a Service leads straight to the replicas.</param>
/// <param name="IsFenced">Whether the network has to keep all but gateways from them: a pod's address is no secret.</param>
/// <param name="LeadsTo">The only revision that the Service leads to; null: all.</param>
public sealed record DirectAccess(bool IsOpen, bool IsFenced, string? LeadsTo);

/// <summary>What a service's objects depend on: with another one they have to be seen to again.</summary>
/// <param name="Generation">Of the spec.</param>
/// <param name="Revisions">Names of all that have pods or are to have, in their order, separated by spaces.</param>
/// <param name="LeadsTo">The only revision that its Service leads to; null: all.</param>
public sealed record ObjectsKey(long Generation, string Revisions, string? LeadsTo);

/// <summary>Makes the Deployment of a revision.</summary>
public sealed record CreateRevision(V1Deployment Deployment) : PlanStep;

/// <summary>Sets the replicas of a revision's Deployment; another one of that name stays.</summary>
public sealed record ScaleRevision(string Name, string Uid, int From, int To) : PlanStep;

/// <summary>Deletes the Deployment of a revision that has no pods any more; another one of that name stays.</summary>
public sealed record DeleteRevision(string Name, string Uid) : PlanStep;
