using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Everything a decision about one job may look at. Made by the gatherer, never changed.</summary>
/// <param name="Job">The job as last seen.</param>
/// <param name="Pods">All pods whose controlling owner is the job, of whatever attempt.</param>
/// <param name="Progress">What its workers last reported, if anything.</param>
/// <param name="Refusal">The last time the API server refused to create one of its pods, if it has not accepted one since.</param>
/// <param name="Troubles">What keeps kubelets from starting pods, by uid of the pod.</param>
/// <param name="LastWrite">When this process last wrote the job's status; null: it has not yet.</param>
/// <param name="LastProgressWrite">When this process last wrote the job's progress.</param>
public sealed record TrainingJobSnapshot(
    TrainingJob Job,
    IReadOnlyList<ObservedPod> Pods,
    JobProgress? Progress = null,
    CreationRefusal? Refusal = null,
    IReadOnlyDictionary<string, PodTrouble>? Troubles = null,
    DateTimeOffset? LastWrite = null,
    DateTimeOffset? LastProgressWrite = null)
{
    /// <summary>Pods of deleted jobs of the same name that are still there.</summary>
    public IReadOnlyList<ObservedPod> LeftBehind { get; init; } = [];

    /// <summary>What the workers of a distributed gang say; null for other jobs, and while this replica does not lead.</summary>
    public GangSessions? Gang { get; init; }

    /// <summary>The nodes that the pods are on, by name, as far as something is known of them.</summary>
    public IReadOnlyDictionary<string, NodeView>? Nodes { get; init; }

    /// <summary>Nodes of the cluster that are dead: the scheduler may not know yet.</summary>
    public IReadOnlyList<string> UnfitNodes { get; init; } = [];

    /// <summary>The other nodes, but those that are cordoned. Gathered only for a job that keeps off some.</summary>
    public IReadOnlyList<string> FitNodes { get; init; } = [];
}
