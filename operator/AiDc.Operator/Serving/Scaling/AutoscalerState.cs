using System.Collections.Immutable;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// What the autoscaler remembers of a service. In memory of the leader only: a new leader begins with <see cref="Begin"/>, which keeps the
/// replicas that there are until the history is long enough to judge by.
/// </summary>
public sealed record AutoscalerState
{
    /// <summary>The last decision.</summary>
    public int Replicas { get; init; }

    /// <summary>The replicas when the history began.</summary>
    public int Floor { get; init; }

    /// <summary>When the last sample was taken; before there is one, the beginning.</summary>
    public DateTimeOffset SampledAt { get; init; }

    /// <summary>When there was last a request, or no replica yet that could have answered one.</summary>
    public DateTimeOffset LastRequest { get; init; }

    /// <summary>Seconds of history.</summary>
    public double Observed { get; init; }

    /// <summary>What the history was seen for; that of another target says nothing.</summary>
    public ScalingMeasure? Measure { get; init; }

    public DemandEstimate Estimate { get; init; } = DemandEstimate.Nothing;

    public DemandHistogram History { get; init; } = DemandHistogram.Empty;

    public CapacityEstimate Capacity { get; init; } = CapacityEstimate.Unknown;

    /// <summary>The demand of the last seconds, the oldest first.</summary>
    public ImmutableArray<RecentDemand> Recent { get; init; } = [];

    /// <summary>The demand of the last minute.</summary>
    public DecayedMean Mean { get; init; }

    /// <summary>Since when requests have been waiting without a pause; none while none waits.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Replicas that suffice for nearly all of the history.</summary>
    public Keep Kept { get; init; } = Keep.None;

    /// <summary>Replicas that were added at once, and until when they stay.</summary>
    public int Held { get; init; }

    public DateTimeOffset HeldUntil { get; init; }

    /// <param name="now">The time of the beginning.</param>
    /// <param name="replicas">The replicas that there are to be as far as anybody knows: those of the status.</param>
    public static AutoscalerState Begin(DateTimeOffset now, int replicas) => new()
    {
        Replicas = Math.Max(0, replicas),
        Floor = Math.Max(0, replicas),
        SampledAt = now,
        // A service that is idle stays so; one that is not has its time of idleness before it.
        LastRequest = replicas > 0 ? now : DateTimeOffset.MinValue,
    };

    /// <summary>Whether enough is known to give up replicas that somebody else added.</summary>
    public bool HasHistory => Observed >= ScalingTimes.Enough;
}

/// <summary>The demand at one moment.</summary>
public readonly record struct RecentDemand(DateTimeOffset At, double Demand);

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
