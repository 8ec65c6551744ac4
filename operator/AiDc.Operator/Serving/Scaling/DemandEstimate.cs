namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// How many requests would be in work if none had to wait: what comes, for as long as it takes (Little's law), not what is there. Requests
/// that wait count when they come and not for as long as they wait, so that a queue does not look like load.
/// </summary>
public sealed record DemandEstimate
{
    /// <summary>Seconds after which the past counts the e-th part in the mean time of service.</summary>
    private const double Memory = 200;

    /// <summary>A time of service is taken from the answered once the history is so many times longer: before, only the short ones are answered.</summary>
    private const double Settled = 60;

    public static DemandEstimate Nothing { get; } = new();

    /// <summary>Requests that would be in work.</summary>
    public double Concurrency { get; private init; }

    /// <summary>The same, and no less than are there, where that is not for want of replicas.</summary>
    public double Peak { get; private init; }

    /// <summary>Requests a second, smoothed over <see cref="Smoothing"/>.</summary>
    public double Rate { get; private init; }

    /// <summary>Seconds that replicas work on a request; none while nothing was answered.</summary>
    public double? ServiceSeconds { get; private init; }

    /// <summary>Sums over the past, decayed.</summary>
    private double Answered { get; init; }

    private double WorkAnswered { get; init; }

    private double WorkSeen { get; init; }

    private double Observed { get; init; }

    private bool HasSamples { get; init; }

    private const double Smoothing = 5;

    /// <param name="seconds">Since the sample before; 0 for one that follows at once.</param>
    public DemandEstimate Next(LoadSample sample, double seconds, bool seesWork = false)
    {
        var decay = Math.Exp(-seconds / Memory);
        var next = this with
        {
            Answered = (Answered * decay) + sample.Completions,
            WorkAnswered = (WorkAnswered * decay) + sample.ServiceSeconds,
            WorkSeen = (WorkSeen * decay) + (sample.InFlight * seconds),
            Observed = (Observed * decay) + seconds,
            Rate = Flow(Rate * Smoothing, sample.Arrivals, Smoothing, seconds) / Smoothing,
        };
        next = next with { ServiceSeconds = next.MeanService() };
        // Nothing that is in the system, or came and went since the last look, is left out or counted twice.
        var most = sample.InFlight + sample.Waiting + sample.Arrivals;
        // Who looks for the first time does not know when those in work came.
        var before = !HasSamples ? Math.Max(0, sample.InFlight + sample.Waiting - sample.Arrivals) : Concurrency;
        var flow = Math.Min(most, Flow(before, sample.Arrivals, next.ServiceSeconds, seconds));
        // Where nobody has been waiting since before the last look, those that are there are the demand: requests that come in groups and take the same time are
        // more at once than the same number that comes and goes by chance.
        var seen = seesWork && sample.Waiting <= sample.Arrivals ? sample.InFlight + sample.Waiting : 0;
        return next with { Concurrency = flow, Peak = Math.Max(flow, seen), HasSamples = true };
    }

    /// <summary>
    /// With those in work counted for as long as they are, which is the estimate from censored times: all time in work over all that ended.
    /// </summary>
    private double? MeanService()
    {
        if (Answered < 0.5)
            return null;
        var ofAnswered = WorkAnswered / Answered;
        return Math.Max(1e-6, Observed < Settled * ofAnswered ? WorkSeen / Answered : ofAnswered);
    }

    /// <summary>What is in work after arrivals, spread evenly, that stay for a mean time; for ever where that is not known.</summary>
    private static double Flow(double before, double arrivals, double? stay, double seconds)
    {
        if (stay is not { } s || seconds <= 0)
            return before + arrivals;
        var left = Math.Exp(-seconds / s);
        return (before * left) + (arrivals * (1 - left) * s / seconds);
    }
}
