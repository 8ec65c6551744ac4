using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>The network to train.</summary>
[Rule("!self.syncBatchNorm || self.batchNorm", "there is no batch normalization to synchronise: set model.batchNorm to true, or leave syncBatchNorm out")]
public sealed record ModelSpec
{
    /// <summary>cnn: two convolutions, for digits and the like; cifar-cnn: three convolutions, for small colour pictures.</summary>
    [AllowedValues("cnn", "cifar-cnn")]
    public string Name { get; init; } = "cnn";

    /// <summary>Whether a batch normalization follows each convolution.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>
    /// Whether the statistics of batch normalization are those of the whole batch over all workers, at the price of an exchange in
    /// each of its layers. Otherwise each process uses those of its own share, and the running statistics are averaged.
    /// </summary>
    public bool SyncBatchNorm { get; init; }

    /// <summary>The share of the dense layer's outputs that is dropped in training.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double Dropout { get; init; } = 0.5;
}
