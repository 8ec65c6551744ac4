using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Nodes;

/// <summary>What matters of a node: whether it takes pods, and what it has of the resources that devices make.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Node", PluralName = "nodes")]
public sealed class ObservedNode : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Node";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public NodeSpec Spec { get; set; } = new();

    [JsonPropertyName("status")]
    public NodeStatus Status { get; set; } = new();

    /// <summary>False while its Ready condition is False or Unknown.</summary>
    [JsonIgnore]
    public bool IsReady => Status.Conditions?.FirstOrDefault(c => c.Type == "Ready") is not { } ready || ready.Status == "True";

    /// <summary>The same with nothing but what is read: a node's labels, annotations and images are many.</summary>
    public static ObservedNode Trim(ObservedNode node) => new()
    {
        Metadata = new()
        {
            Name = node.Metadata.Name,
            Uid = node.Metadata.Uid,
            ResourceVersion = node.Metadata.ResourceVersion,
            CreationTimestamp = node.Metadata.CreationTimestamp,
            DeletionTimestamp = node.Metadata.DeletionTimestamp,
        },
        Spec = node.Spec,
        Status = new()
        {
            Conditions = node.Status.Conditions?.Where(c => c.Type == "Ready").Select(c => new NodeCondition { Type = c.Type, Status = c.Status }).ToList(),
            // Names with a slash are extended resources: GPUs and the like.
            Allocatable = node.Status.Allocatable?.Where(r => r.Key.Contains('/', StringComparison.Ordinal)).ToDictionary(),
        },
    };

    /// <summary>True where no field that a decision reads differs.</summary>
    public bool LooksLike(ObservedNode other) =>
        Metadata.Uid == other.Metadata.Uid
        && IsReady == other.IsReady
        && Spec.Unschedulable == other.Spec.Unschedulable
        && Metadata.DeletionTimestamp == other.Metadata.DeletionTimestamp
        && (Status.Allocatable?.Count ?? 0) == (other.Status.Allocatable?.Count ?? 0)
        && (Status.Allocatable?.All(r => other.Status.Allocatable!.GetValueOrDefault(r.Key) == r.Value) ?? true);

    public sealed class NodeSpec
    {
        [JsonPropertyName("unschedulable")]
        public bool Unschedulable { get; set; }
    }

    public sealed class NodeStatus
    {
        [JsonPropertyName("conditions")]
        public IReadOnlyList<NodeCondition>? Conditions { get; set; }

        [JsonPropertyName("allocatable")]
        public Dictionary<string, string>? Allocatable { get; set; }
    }

    public sealed class NodeCondition
    {
        [JsonPropertyName("type")]
        public string? Type { get; set; }

        [JsonPropertyName("status")]
        public string? Status { get; set; }
    }
}

/// <summary>A kubelet's sign of life: it renews a Lease of its node's name every ten seconds (KEP-589).</summary>
[KubernetesEntity(Group = "coordination.k8s.io", ApiVersion = "v1", Kind = "Lease", PluralName = "leases")]
public sealed class NodeLease : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Where kubelets keep them.</summary>
    public const string Namespace = "kube-node-lease";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "coordination.k8s.io/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Lease";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public LeaseSpec Spec { get; set; } = new();

    public sealed class LeaseSpec
    {
        /// <summary>Seconds; 40 unless the kubelet is told otherwise.</summary>
        [JsonPropertyName("leaseDurationSeconds")]
        public int? LeaseDurationSeconds { get; set; }

        /// <summary>By the node's clock, which is no measure: only whether it changes counts.</summary>
        [JsonPropertyName("renewTime")]
        public string? RenewTime { get; set; }
    }
}
