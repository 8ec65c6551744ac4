using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>When to stop before the last epoch.</summary>
public sealed record EarlyStoppingSpec
{
    /// <summary>How many epochs in a row may pass without a better validation loss.</summary>
    [Range(1, 100_000)]
    public int Patience { get; init; } = 3;

    /// <summary>By how much the loss has to fall to count as better.</summary>
    [Range(0.0, 1_000_000.0)]
    public double MinDelta { get; init; }
}
