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
    StatusReplicasPath = ".status.workers.pods",
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

/// <summary>A page of training jobs.</summary>
[KubernetesEntity(
    Group = TrainingJob.KubeGroup,
    ApiVersion = TrainingJob.KubeApiVersion,
    Kind = "TrainingJobList",
    PluralName = TrainingJob.KubePluralName)]
public sealed class TrainingJobList : IKubernetesObject<V1ListMeta>, IItems<TrainingJob>
{
    public string ApiVersion { get; set; } = $"{TrainingJob.KubeGroup}/{TrainingJob.KubeApiVersion}";

    public string Kind { get; set; } = "TrainingJobList";

    public V1ListMeta Metadata { get; set; } = new();

    public IList<TrainingJob> Items { get; set; } = [];
}

/// <summary>
/// The values of status.phase. Texts and not an enum, so that an operator that was rolled back can still read what its
/// successor wrote.
/// </summary>
public static class TrainingJobPhase
{
    /// <summary>Not all workers have a pod and a node yet; also an invalid job (condition Valid).</summary>
    public const string Pending = "Pending";

    /// <summary>All workers have a node, but not all run yet.</summary>
    public const string Starting = "Starting";

    /// <summary>All workers run; of an elastic gang at least as many as it needs train.</summary>
    public const string Running = "Running";

    /// <summary>A failure was seen; the next attempt, or the next generation of a distributed gang, is being prepared, waited for or started.</summary>
    public const string Recovering = "Recovering";

    /// <summary>Stopped by spec.suspend.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Finished well.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Finished for good without success.</summary>
    public const string Failed = "Failed";
}
