using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How the weights are updated.</summary>
[Rule("self.name == 'sgd' || self.momentum == 0.0", "only sgd takes momentum: set optimizer.name to sgd, or leave momentum out")]
public sealed record OptimizerSpec
{
    /// <summary>adam, adamw (weight decay apart from the gradient) or sgd.</summary>
    [AllowedValues("adam", "sgd", "adamw")]
    public string Name { get; init; } = "adam";

    /// <summary>The learning rate at the start, after the warm-up.</summary>
    [Range(0.0, 100.0), ExclusiveMinimum(0)]
    public double LearningRate { get; init; } = 0.001;

    /// <summary>The momentum of sgd.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double Momentum { get; init; }

    /// <summary>The weight decay.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }
}
