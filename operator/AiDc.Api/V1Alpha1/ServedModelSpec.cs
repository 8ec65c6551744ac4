using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>A model to serve: the result of a training job, or what is at a URI.</summary>
[Rule("has(self.trainingJob) != has(self.uri)", "name one place of the model: set either model.trainingJob or model.uri")]
[Rule("!self.follow || has(self.trainingJob)", "only results of a training job can be followed: set model.trainingJob, or leave model.follow out")]
[Rule("!has(self.trainingJob) || !has(self.sha256)", "the sum of a result that is not there yet cannot be known: leave model.sha256 out, or set model.uri")]
[Rule("!has(self.trainingJob) || self.format == 'aidc'", "training jobs leave models of the format aidc: leave model.format out, or set model.uri")]
[Rule("self.format != 'torchscript' || has(self.inputs)", "a torchscript model does not say what its inputs are: set model.inputs")]
[Rule("self.format == 'torchscript' || !has(self.inputs)", "only torchscript models do not say what their inputs are: leave model.inputs out")]
public sealed record ServedModelSpec
{
    /// <summary>The name of a TrainingJob of this namespace, whose result is served. The service waits until there is one.</summary>
    [MinLength(1), MaxLength(253)]
    public string? TrainingJob { get; init; }

    /// <summary>
    /// Whether a new result of the training job (the job was deleted and run again under its name) is tried as a canary and served if it does
    /// well. Let each run write to a folder of its own (its checkpoint.uri): replicas of the result before still read theirs.
    /// </summary>
    public bool Follow { get; init; }

    /// <summary>
    /// Where the model is: pvc://claim/path, hostpath:///folder where the operator allows that folder, s3://bucket/key or https://…. A folder for
    /// the format aidc, a file for the others. Volumes are mounted read-only at /model.
    /// </summary>
    [Format(StringFormat.ModelUri), MaxLength(1024)]
    public string? Uri { get; init; }

    /// <summary>aidc: what the built-in trainer leaves; torchscript: a file of torch.jit.save; onnx: an ONNX file.</summary>
    [AllowedValues("aidc", "torchscript", "onnx")]
    public string Format { get; init; } = "aidc";

    /// <summary>
    /// For s3:// the Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and if need be AWS_SESSION_TOKEN, AWS_ENDPOINT_URL,
    /// AWS_REGION and AWS_S3_ADDRESSING_STYLE (path or virtual). Without it the pod's own identity counts. For a training job in S3 that job's own Secret
    /// is taken when this is left out.
    /// </summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>The SHA-256 of the file, or of a bundle's weights, as 64 hexadecimal digits: anything else is not served.</summary>
    [Format(StringFormat.Sha256)]
    public string? Sha256 { get; init; }

    /// <summary>The model's name in the protocol (/v2/models/NAME). The service's own name when left out.</summary>
    [MinLength(1), MaxLength(128)]
    public string? Name { get; init; }

    /// <summary>For torchscript: the inputs in their order.</summary>
    [MinLength(1), MaxLength(32)]
    public IReadOnlyList<TensorSpec>? Inputs { get; init; }
}

/// <summary>An input of a model.</summary>
public sealed record TensorSpec
{
    /// <summary>Its name in the protocol.</summary>
    [Required, MaxLength(128)]
    public string Name { get; init; } = "";

    /// <summary>The type of its elements, as the Open Inference Protocol writes it.</summary>
    [AllowedValues("BOOL", "UINT8", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64")]
    public string Datatype { get; init; } = "FP32";

    /// <summary>Its shape, the batch first; -1 for a dimension of any size.</summary>
    [Required, MinLength(1), MaxLength(16), ItemRange(-1, int.MaxValue)]
    public IReadOnlyList<int> Shape { get; init; } = [];
}
