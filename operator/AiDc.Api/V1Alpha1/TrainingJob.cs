using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;
using k8s;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// A training run: what to train, on how many workers, where its checkpoints go and what to do when something fails.
/// </summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
[Resource(
    Singular = "trainingjob",
    ShortNames = ["tj"],
    Categories = ["all", "aidc"],
    SpecReplicasPath = ".spec.workers.replicas",
    StatusReplicasPath = ".status.workers.ready",
    LabelSelectorPath = ".status.workers.selector")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Workers", ".status.workers.summary")]
[PrinterColumn("Progress", ".status.progress.summary")]
[PrinterColumn("ETA", ".status.progress.eta")]
[PrinterColumn("Why", ".status.message")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Restarts", ".status.restarts", Type = "integer", Priority = 1)]
[PrinterColumn("Loss", ".status.progress.loss", Type = "number", Priority = 1)]
[PrinterColumn("Samples/s", ".status.progress.samplesPerSecond", Type = "number", Priority = 1)]
[PrinterColumn("Generation", ".status.membership.generation", Type = "integer", Priority = 1)]
[PrinterColumn("Checkpoint", ".status.checkpoint.step", Type = "integer", Priority = 1)]
public sealed class TrainingJob : IKubernetesObject<V1ObjectMeta>, ISpec<TrainingJobSpec>, IStatus<TrainingJobStatus>
{
    public const string KubeGroup = "aidc.dev";
    public const string KubeApiVersion = "v1alpha1";
    public const string KubeKind = "TrainingJob";
    public const string KubePluralName = "trainingjobs";

    public string ApiVersion { get; set; } = $"{KubeGroup}/{KubeApiVersion}";

    public string Kind { get; set; } = KubeKind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the user wants.</summary>
    [Required]
    public TrainingJobSpec Spec { get; set; } = new();

    /// <summary>What is. Written by the operator only.</summary>
    public TrainingJobStatus Status { get; set; } = new();
}
