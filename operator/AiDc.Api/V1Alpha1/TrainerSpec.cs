using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What the built-in trainer trains.</summary>
[Rule(
    "!has(self.earlyStopping) || self.data.validationSplit > 0.0",
    "earlyStopping watches the loss on the validation split: set data.validationSplit above 0, or leave earlyStopping out")]
public sealed record TrainerSpec
{
    /// <summary>The trainer image. The operator's own default when left out.</summary>
    [MinLength(1), MaxLength(512)]
    public string? Image { get; init; }

    /// <summary>What is learned.</summary>
    [Required, AllowedValues("image-classification")]
    public string Task { get; init; } = "";

    /// <summary>The network.</summary>
    public ModelSpec Model { get; init; } = new();

    /// <summary>What it learns from.</summary>
    [Required]
    public DataSpec Data { get; init; } = new();

    /// <summary>How often the training data is gone through.</summary>
    [Range(1, 100_000)]
    public int Epochs { get; init; } = 10;

    /// <summary>Samples per optimizer step, over all workers: the same however many there are.</summary>
    [Range(1, 1_048_576)]
    public int GlobalBatchSize { get; init; } = 64;

    /// <summary>
    /// The most samples that one process holds at once: it goes through its share of a batch in so many pieces, and adds up the
    /// gradients. Bounds the memory when few workers are left. The whole share at once when left out.
    /// </summary>
    [Range(1, 1_048_576)]
    public int? MicroBatchSize { get; init; }

    /// <summary>How the weights are updated.</summary>
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>How the learning rate changes over the run.</summary>
    public ScheduleSpec Schedule { get; init; } = new();

    /// <summary>Ends the run when the validation loss no longer falls. Trains all epochs when left out.</summary>
    public EarlyStoppingSpec? EarlyStopping { get; init; }

    /// <summary>Fixes the initial weights, the validation split and the order of the samples.</summary>
    [Range(0, 9_007_199_254_740_991)]
    public long Seed { get; init; }
}
