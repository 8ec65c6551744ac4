using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>The training data.</summary>
public sealed record DataSpec
{
    /// <summary>Where it is: pvc://claim/path, or hostpath:///folder where the operator allows that folder. Mounted read-only at /data.</summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

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
