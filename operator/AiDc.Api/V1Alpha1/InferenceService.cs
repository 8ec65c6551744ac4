using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;
using k8s;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// A served model: which model, on how many replicas, and how a new version of it takes over from the one before.
/// </summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
[Resource(
    Singular = "inferenceservice",
    ShortNames = ["isvc"],
    Categories = ["all", "aidc"],
    SpecReplicasPath = ".spec.scaling.replicas",
    StatusReplicasPath = ".status.replicas.ready",
    LabelSelectorPath = ".status.selector")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Replicas", ".status.replicas.summary")]
[PrinterColumn("Traffic", ".status.trafficSummary")]
[PrinterColumn("Canary", ".status.canary.verdict")]
[PrinterColumn("Why", ".status.message")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Model", ".status.model.uri", Priority = 1)]
[PrinterColumn("URL", ".status.url", Priority = 1)]
public sealed class InferenceService : IKubernetesObject<V1ObjectMeta>, ISpec<InferenceServiceSpec>, IStatus<InferenceServiceStatus>
{
    public const string KubeGroup = "aidc.dev";
    public const string KubeApiVersion = "v1alpha1";
    public const string KubeKind = "InferenceService";
    public const string KubePluralName = "inferenceservices";

    public string ApiVersion { get; set; } = $"{KubeGroup}/{KubeApiVersion}";

    public string Kind { get; set; } = KubeKind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the user wants.</summary>
    [Required]
    public InferenceServiceSpec Spec { get; set; } = new();

    /// <summary>What is. Written by the operator only.</summary>
    public InferenceServiceStatus Status { get; set; } = new();
}
