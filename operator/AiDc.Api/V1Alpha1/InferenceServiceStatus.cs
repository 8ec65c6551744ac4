using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// What is. The defaults are also what the API server shows until the operator has written for the first time, so that
/// <c>kubectl get</c> is never empty.
/// </summary>
public sealed record InferenceServiceStatus
{
    /// <summary>The most revisions that are listed.</summary>
    public const int MaxRevisions = 16;

    /// <summary>The most decisions about the number of replicas that are listed.</summary>
    public const int MaxDecisions = 10;

    /// <summary>What the service can do now.</summary>
    [AllowedValues(
        InferenceServicePhase.Pending,
        InferenceServicePhase.Loading,
        InferenceServicePhase.Ready,
        InferenceServicePhase.Idle,
        InferenceServicePhase.Degraded,
        InferenceServicePhase.Failed)]
    public string Phase { get; init; } = InferenceServicePhase.Pending;

    /// <summary>What the service is doing, or what it is waiting for and why, in one line.</summary>
    public string Message { get; init; } = "not yet seen by the operator";

    /// <summary>The metadata.generation that this status answers.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Where the service answers inside of the cluster, by way of the gateways.</summary>
    public string? Url { get; init; }

    /// <summary>
    /// Ready (a replica answers with the model), ModelLoaded (a replica of the present revision has loaded it), Valid (the spec makes sense),
    /// Progressing (a revision is being rolled out) and Canary (one is being tried).
    /// </summary>
    [ListMapKey("type")]
    public IReadOnlyList<V1Condition> Conditions { get; init; } = [];

    /// <summary>The replicas of all revisions.</summary>
    public ReplicasStatus? Replicas { get; init; }

    /// <summary>The labels of the service's pods, for what scales it.</summary>
    public string? Selector { get; init; }

    /// <summary>The model that serves, or that is being rolled out.</summary>
    public ServedModelStatus? Model { get; init; }

    /// <summary>The revision that serves once all rollouts are done. Recorded before its pods are created.</summary>
    public string? Stable { get; init; }

    /// <summary>The revisions that have replicas, the newest first.</summary>
    [MaxLength(MaxRevisions)]
    public IReadOnlyList<RevisionStatus> Revisions { get; init; } = [];

    /// <summary>The revisions that requests go to, and their shares.</summary>
    public IReadOnlyList<TrafficStatus> Traffic { get; init; } = [];

    /// <summary>The same in one line for people.</summary>
    public string? TrafficSummary { get; init; }

    /// <summary>The canary that is being tried, or that was last.</summary>
    public CanaryStatus? Canary { get; init; }

    /// <summary>The last changes of the number of replicas, the newest first.</summary>
    [MaxLength(MaxDecisions)]
    public IReadOnlyList<ScaleDecisionStatus> Decisions { get; init; } = [];

    /// <summary>The last replica that ended, or could not start.</summary>
    public ServingFailureStatus? LastFailure { get; init; }
}
