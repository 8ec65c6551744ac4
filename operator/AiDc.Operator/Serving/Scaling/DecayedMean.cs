namespace AiDc.Operator.Serving.Scaling;

/// <summary>A mean over time in which what is older counts less, by exponential decay.</summary>
public readonly record struct DecayedMean
{
    private double Sum { get; init; }

    private double Weight { get; init; }

    /// <summary>0 while nothing is known.</summary>
    public double Value => Weight > 0 ? Sum / Weight : 0;

    /// <param name="seconds">How long the value lasted.</param>
    /// <param name="memory">Seconds after which the past counts the e-th part.</param>
    public DecayedMean Add(double value, double seconds, double memory)
    {
        var decay = Math.Exp(-seconds / memory);
        return new() { Sum = (Sum * decay) + (value * seconds), Weight = (Weight * decay) + seconds };
    }
}
