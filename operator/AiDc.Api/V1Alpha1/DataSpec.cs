using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>The training data.</summary>
public sealed record DataSpec
{
    /// <summary>
    /// Where it is: pvc://claim/path, hostpath:///folder where the operator allows that folder, or s3://bucket/prefix. Mounted read-only
    /// at /data; from S3 the trainer makes a copy in its /tmp.
    /// </summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

    /// <summary>
    /// For s3:// the Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and if need be AWS_SESSION_TOKEN, AWS_ENDPOINT_URL,
    /// AWS_REGION and AWS_S3_ADDRESSING_STYLE (path or virtual). Without it the pod's own identity counts.
    /// </summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>
    /// idx: MNIST's files, plain or .gz; cifar10: the binary version of CIFAR-10; folder: one folder of PNG or JPEG images a class,
    /// plain or in a .tar.
    /// </summary>
    [Required, AllowedValues("idx", "cifar10", "folder")]
    public string Format { get; init; } = "";

    /// <summary>The share of the training data that is kept out of training to measure it.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double ValidationSplit { get; init; }
}
