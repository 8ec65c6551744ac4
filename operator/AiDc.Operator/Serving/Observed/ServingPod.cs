using System.Text.Json.Serialization;
using AiDc.Api;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Serving.Observed;

/// <summary>What matters of a replica's pod.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class ServingPod : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Pod";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public PodSpec Spec { get; set; } = new();

    [JsonPropertyName("status")]
    public PodStatus Status { get; set; } = new();

    [JsonIgnore]
    public string Name => Metadata.Name;

    /// <summary>The name of its service; null for a pod that only has our label.</summary>
    [JsonIgnore]
    public string? Service => Value(Metadata.Annotations, Api.Annotations.ServiceName);

    [JsonIgnore]
    public string? Revision => Value(Metadata.Labels, Labels.Revision);

    [JsonIgnore]
    public bool IsBeingDeleted => Metadata.DeletionTimestamp is not null;

    /// <summary>Whether kubelet says that it answers.</summary>
    [JsonIgnore]
    public bool IsReady => !IsBeingDeleted && Condition("Ready")?.Status == "True";

    /// <summary>Whether it has ended and will not start again: its ReplicaSet has made another one.</summary>
    [JsonIgnore]
    public bool IsOver => Status.Phase is "Succeeded" or "Failed";

    /// <summary>Why the scheduler has no node for it; null while it has one or has not looked yet.</summary>
    [JsonIgnore]
    public string? Unschedulable => Condition("PodScheduled") is { Status: "False" } condition ? condition.Message ?? condition.Reason ?? "no node fits" : null;

    /// <summary>The init container that the others wait for; null for none.</summary>
    [JsonIgnore]
    public string? Initializing => Status.Phase is null or "Pending" ? Status.InitContainerStatuses?.FirstOrDefault(c => c.State?.Running is not null)?.Name : null;

    /// <summary>Init containers first.</summary>
    [JsonIgnore]
    public IEnumerable<ContainerStatus> Containers => [.. Status.InitContainerStatuses ?? [], .. Status.ContainerStatuses ?? []];

    /// <summary>The same with nothing but what is read: a pod's spec and managed fields are most of it.</summary>
    public static ServingPod Trim(ServingPod pod) => new()
    {
        Metadata = new()
        {
            Name = pod.Metadata.Name,
            NamespaceProperty = pod.Metadata.NamespaceProperty,
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion,
            CreationTimestamp = pod.Metadata.CreationTimestamp,
            DeletionTimestamp = pod.Metadata.DeletionTimestamp,
            Labels = Kept(pod.Metadata.Labels, Labels.InferenceService, Labels.Revision),
            Annotations = Kept(pod.Metadata.Annotations, Api.Annotations.ServiceName),
            OwnerReferences = pod.Metadata.OwnerReferences,
        },
        Spec = pod.Spec,
        Status = pod.Status,
    };

    private static Dictionary<string, string> Kept(IDictionary<string, string>? map, params string[] keys) =>
        keys.Where(k => map?.ContainsKey(k) == true).ToDictionary(k => k, k => map![k]);

    private static string? Value(IDictionary<string, string>? map, string key) => map?.TryGetValue(key, out var value) == true ? value : null;

    private PodCondition? Condition(string type) => Status.Conditions?.FirstOrDefault(c => c.Type == type);

    public sealed record PodSpec
    {
        [JsonPropertyName("nodeName")]
        public string? NodeName { get; init; }
    }

    public sealed record PodStatus
    {
        [JsonPropertyName("phase")]
        public string? Phase { get; init; }

        [JsonPropertyName("reason")]
        public string? Reason { get; init; }

        [JsonPropertyName("message")]
        public string? Message { get; init; }

        [JsonPropertyName("conditions")]
        public IReadOnlyList<PodCondition>? Conditions { get; init; }

        [JsonPropertyName("initContainerStatuses")]
        public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }

        [JsonPropertyName("containerStatuses")]
        public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }
    }

    public sealed record PodCondition
    {
        [JsonPropertyName("type")]
        public string? Type { get; init; }

        [JsonPropertyName("status")]
        public string? Status { get; init; }

        [JsonPropertyName("reason")]
        public string? Reason { get; init; }

        [JsonPropertyName("message")]
        public string? Message { get; init; }
    }

    public sealed record ContainerStatus
    {
        [JsonPropertyName("name")]
        public string Name { get; init; } = "";

        [JsonPropertyName("restartCount")]
        public int RestartCount { get; init; }

        [JsonPropertyName("state")]
        public ContainerState? State { get; init; }

        [JsonPropertyName("lastState")]
        public ContainerState? LastState { get; init; }

        /// <summary>How it last ended: now, or before its last restart.</summary>
        [JsonIgnore]
        public Terminated? LastEnd => State?.Terminated ?? LastState?.Terminated;
    }

    public sealed record ContainerState
    {
        [JsonPropertyName("running")]
        public Running? Running { get; init; }

        [JsonPropertyName("waiting")]
        public Waiting? Waiting { get; init; }

        [JsonPropertyName("terminated")]
        public Terminated? Terminated { get; init; }
    }

    public sealed record Running
    {
        [JsonPropertyName("startedAt")]
        public DateTimeOffset? StartedAt { get; init; }
    }

    public sealed record Waiting
    {
        [JsonPropertyName("reason")]
        public string? Reason { get; init; }

        [JsonPropertyName("message")]
        public string? Message { get; init; }
    }

    public sealed record Terminated
    {
        [JsonPropertyName("exitCode")]
        public int ExitCode { get; init; }

        [JsonPropertyName("reason")]
        public string? Reason { get; init; }

        /// <summary>The last lines of its log, where it wrote no termination message.</summary>
        [JsonPropertyName("message")]
        public string? Message { get; init; }

        [JsonPropertyName("finishedAt")]
        public DateTimeOffset? FinishedAt { get; init; }
    }
}
