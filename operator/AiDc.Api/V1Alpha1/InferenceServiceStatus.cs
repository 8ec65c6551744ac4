using System.ComponentModel.DataAnnotations;
using System.Globalization;
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
    /// Progressing (a revision is being rolled out), Canary (one is being tried) and Addressable (the Service of its name is its own, or it has none because all callers have to come by way of the gateways).
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

/// <summary>Replicas of all revisions together.</summary>
public sealed record ReplicasStatus
{
    /// <summary>How many answer with the model loaded.</summary>
    public int Ready { get; init; }

    /// <summary>How many pods there are, whether they answer or not, without those that are being deleted.</summary>
    public int Pods { get; init; }

    /// <summary>How many the service is to have, without those that a rollout adds for a while.</summary>
    public int Desired { get; init; }

    /// <summary>Both for people: 3/4.</summary>
    public string? Summary { get; init; }

    /// <summary>The text for <see cref="Summary"/>.</summary>
    public static string Summarize(int ready, int desired) => string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}");
}

/// <summary>Replicas that are all alike.</summary>
public sealed record RevisionStatus
{
    /// <summary>The name of its Deployment, and the value of the label aidc.dev/revision of its pods.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>What it serves.</summary>
    public ServedModelStatus? Model { get; init; }

    /// <summary>The share of the requests that it gets, in percent; gateways route by it.</summary>
    public int Weight { get; init; }

    /// <summary>Replicas that answer.</summary>
    public int Ready { get; init; }

    /// <summary>Replicas that it is to have.</summary>
    public int Desired { get; init; }
}

/// <summary>A revision's share of the requests.</summary>
public sealed record TrafficStatus
{
    /// <summary>Which.</summary>
    public string? Revision { get; init; }

    /// <summary>How many of a hundred requests.</summary>
    public int Percent { get; init; }
}

/// <summary>A model as it was found.</summary>
public sealed record ServedModelStatus
{
    /// <summary>Where it is.</summary>
    public string? Uri { get; init; }

    /// <summary>aidc, torchscript or onnx.</summary>
    public string? Format { get; init; }

    /// <summary>The training job whose result it is.</summary>
    public string? TrainingJob { get; init; }

    /// <summary>The uid of the training job whose result it is.</summary>
    public string? TrainingJobUid { get; init; }

    /// <summary>The Secret that it is read with.</summary>
    public string? Secret { get; init; }
}

/// <summary>A replica that ended, or could not start.</summary>
public sealed record ServingFailureStatus
{
    /// <summary>Its pod.</summary>
    public string? Pod { get; init; }

    /// <summary>Its revision.</summary>
    public string? Revision { get; init; }

    /// <summary>The node it was on.</summary>
    public string? Node { get; init; }

    /// <summary>The exit code of its server.</summary>
    public int? ExitCode { get; init; }

    /// <summary>One word: Error, OOMKilled, ImagePull, Unschedulable, NodeLost, …</summary>
    public string? Reason { get; init; }

    /// <summary>What happened, in one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>The last lines of the server's log, at most 4096 characters.</summary>
    public string? LogTail { get; init; }

    /// <summary>When the operator saw it.</summary>
    public DateTimeOffset? DetectedAt { get; init; }
}

/// <summary>A change of the number of replicas.</summary>
public sealed record ScaleDecisionStatus
{
    /// <summary>Replicas before.</summary>
    public int From { get; init; }

    /// <summary>Replicas after.</summary>
    public int To { get; init; }

    /// <summary>What it was decided on.</summary>
    public string? Why { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
}
