namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// How many requests a second a replica takes while nearly all answers keep the latency objective: found by additive increase and
/// multiplicative decrease, as congestion windows are (Chiu and Jain, 1989). A rate and not a number at once: of a server that
/// is overloaded the former says what it can do, the latter only how long its queue is.
/// </summary>
public sealed record CapacityEstimate
{
    private const double Period = 10;
    private const double FewestAnswers = 20;
    private const double TooManyLate = 0.05;
    private const double FewLate = 0.01;
    private const double Decrease = 0.85;
    private const double Increase = 1.05;
    private const double Headroom = 0.9;
    private const double Busy = 0.8;
    private const double Least = 1e-3;

    public static CapacityEstimate Unknown { get; } = new();

    /// <summary>Requests a second, per replica; none before an answer was late.</summary>
    public double? Rate { get; private init; }

    /// <summary>Where it was last too much, and for how many seconds more that is remembered: one does not try it again and again.</summary>
    private double Ceiling { get; init; } = double.PositiveInfinity;

    private double CeilingSeconds { get; init; }

    private double Seconds { get; init; }

    private double ReplicaSeconds { get; init; }

    private double Arrivals { get; init; }

    private double Answered { get; init; }

    private double OnTime { get; init; }

    /// <param name="seconds">Since the sample before.</param>
    /// <param name="ready">Replicas that serve.</param>
    public CapacityEstimate Next(LoadSample sample, double seconds, int ready)
    {
        var next = this with
        {
            Seconds = Seconds + seconds,
            ReplicaSeconds = ReplicaSeconds + (seconds * ready),
            Arrivals = Arrivals + sample.Arrivals,
            Answered = Answered + sample.Completions,
            // Who waits in a gateway is late, though no replica has answered late.
            OnTime = OnTime + (sample.Waiting > sample.Completions ? 0 : Math.Min(sample.OnTime ?? sample.Completions, sample.Completions)),
        };
        return next.Seconds < Period || next.Answered < FewestAnswers || next.ReplicaSeconds <= 0 ? next : next.Judged();
    }

    private CapacityEstimate Judged()
    {
        var late = 1 - (OnTime / Answered);
        var rate = Math.Max(Least, Arrivals / ReplicaSeconds);
        if (late > TooManyLate)
            return new() { Rate = Math.Max(Least, Decrease * rate), Ceiling = rate, CeilingSeconds = ScalingTimes.Enough };
        var left = Math.Max(0, CeilingSeconds - Seconds);
        var most = left > 0 ? Headroom * Ceiling : double.PositiveInfinity;
        var grown = Rate is { } known && late < FewLate && rate > Busy * known ? Math.Max(known, Math.Min(most, Increase * known)) : Rate;
        return new() { Rate = grown, Ceiling = Ceiling, CeilingSeconds = left };
    }
}
