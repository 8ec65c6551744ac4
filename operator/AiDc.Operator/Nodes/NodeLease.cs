using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Nodes;

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
