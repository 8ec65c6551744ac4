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
    StatusReplicasPath = ".status.replicas.pods",
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

/// <summary>A page of inference services.</summary>
[KubernetesEntity(
    Group = InferenceService.KubeGroup,
    ApiVersion = InferenceService.KubeApiVersion,
    Kind = "InferenceServiceList",
    PluralName = InferenceService.KubePluralName)]
public sealed class InferenceServiceList : IKubernetesObject<V1ListMeta>, IItems<InferenceService>
{
    public string ApiVersion { get; set; } = $"{InferenceService.KubeGroup}/{InferenceService.KubeApiVersion}";

    public string Kind { get; set; } = "InferenceServiceList";

    public V1ListMeta Metadata { get; set; } = new();

    public IList<InferenceService> Items { get; set; } = [];
}

/// <summary>The values of status.phase of an inference service. Texts and not an enum, for an operator that was rolled back.</summary>
public static class InferenceServicePhase
{
    /// <summary>There is no model yet (its training has not ended), no replica has a node, or the spec is invalid.</summary>
    public const string Pending = "Pending";

    /// <summary>Replicas start and load the model; none is ready.</summary>
    public const string Loading = "Loading";

    /// <summary>Replicas answer, all that are wanted.</summary>
    public const string Ready = "Ready";

    /// <summary>No replica is wanted; a request starts one.</summary>
    public const string Idle = "Idle";

    /// <summary>Replicas answer, but fewer than are wanted, or a new revision does not come up.</summary>
    public const string Degraded = "Degraded";

    /// <summary>No replica answers and one has failed: lastFailure says how.</summary>
    public const string Failed = "Failed";
}
