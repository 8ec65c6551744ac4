using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AiDc.Api.Schema;
using AiDc.Api.Values;

namespace AiDc.Api.V1Alpha1;

/// <summary>What to train and how to keep it running.</summary>
[Rule(
    "has(self.trainer) || has(self.template)",
    "nothing to run: give spec.trainer for the built-in trainer, or spec.template with an image of your own")]
[Rule(
    "has(self.trainer) || (!has(self.workers.min) && !has(self.workers.max))",
    "only the built-in trainer is elastic: leave workers.min and workers.max out, or set spec.trainer")]
[Rule(
    "has(self.trainer) || self.workers.processes <= 1",
    "an image of your own starts its processes itself: leave workers.processes out")]
[Rule(
    "self.resources.gpus == 0 || self.workers.processes <= self.resources.gpus",
    "there are more processes than GPUs in a pod: lower workers.processes, or raise resources.gpus")]
[Rule(
    "!has(self.trainer) || has(self.checkpoint)",
    "the built-in trainer needs a place for its checkpoints and its result: set spec.checkpoint.uri")]
public sealed record TrainingJobSpec
{
    /// <summary>
    /// True ends the pods (they write a checkpoint first) and keeps the job; false starts it again from the last checkpoint.
    /// The time while suspended does not count towards activeDeadline.
    /// </summary>
    public bool Suspend { get; init; }

    /// <summary>How many pods the job is made of. They start together or not at all.</summary>
    public WorkersSpec Workers { get; init; } = new();

    /// <summary>What each pod asks the node for.</summary>
    public ResourcesSpec Resources { get; init; } = new();

    /// <summary>The built-in trainer. Leave it out to run an image of your own from template.</summary>
    public TrainerSpec? Trainer { get; init; }

    /// <summary>
    /// A pod template (metadata.labels, metadata.annotations, spec): with trainer it adds volumes, node selectors, tolerations,
    /// pull secrets and so on to the built-in trainer; without, it says what to run. The container named "trainer", or the
    /// first one, is the worker. Not checked by the schema; the operator checks it and says what is wrong.
    /// </summary>
    public PodTemplate? Template { get; init; }

    /// <summary>Where checkpoints and the result go. The built-in trainer needs it; images of your own find it mounted.</summary>
    public CheckpointSpec? Checkpoint { get; init; }

    /// <summary>What happens when a worker fails or does not start.</summary>
    public FailureSpec Failure { get; init; } = new();

    /// <summary>The longest time that the job may take from its first start on, not counting the time while suspended; then it fails. None when left out.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string? ActiveDeadline { get; init; }

    /// <summary>How long the finished job is kept before it and its pods are deleted. For ever when left out.</summary>
    [Format(StringFormat.Duration)]
    public string? TtlAfterFinished { get; init; }
}

/// <summary>Where checkpoints go, and how often.</summary>
public sealed record CheckpointSpec
{
    /// <summary>
    /// A folder of this job's own: pvc://claim/path, hostpath:///folder where the operator allows that folder, or s3://bucket/prefix.
    /// Mounted at /checkpoint, except for S3. The built-in trainer writes its result into the folder model in it.
    /// </summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

    /// <summary>For s3:// the Secret with the credentials, as in spec.trainer.data.secretRef; where both are in S3, the same for both.</summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>The time between two checkpoints of the built-in trainer.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Every { get; init; } = "30s";

    /// <summary>How many checkpoints the built-in trainer keeps.</summary>
    [Range(1, 1000)]
    public int Keep { get; init; } = 3;
}

/// <summary>What one pod asks for.</summary>
public sealed record ResourcesSpec
{
    /// <summary>GPUs per pod, of the resource that the operator is configured for (nvidia.com/gpu unless changed).</summary>
    [Range(0, 64)]
    public int Gpus { get; init; }

    /// <summary>CPU per pod, as a request: the pod may use more when the node has it. Fractions as text: 500m or "0.5".</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Cpu { get; init; }

    /// <summary>Memory per pod, as request and limit: a pod that needs more is killed.</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Memory { get; init; }

    /// <summary>Shared memory at /dev/shm, for data loaders with worker processes. It counts towards memory.</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Shm { get; init; }
}

/// <summary>A Secret in the job's namespace.</summary>
public sealed record SecretReference
{
    /// <summary>Its name.</summary>
    [Required, MaxLength(253)]
    public string Name { get; init; } = "";
}
