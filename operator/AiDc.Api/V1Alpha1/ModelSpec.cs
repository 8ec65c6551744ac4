using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>The network to train.</summary>
public sealed record ModelSpec
{
    /// <summary>cnn: two convolutions, for digits and the like; cifar-cnn: three convolutions, for small colour pictures.</summary>
    [AllowedValues("cnn", "cifar-cnn")]
    public string Name { get; init; } = "cnn";

    /// <summary>Whether a batch normalization follows each convolution.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>The share of the dense layer's outputs that is dropped in training.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double Dropout { get; init; } = 0.5;
}
