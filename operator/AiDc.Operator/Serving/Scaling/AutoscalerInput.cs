namespace AiDc.Operator.Serving.Scaling;

/// <summary>What the autoscaler is told at a tick.</summary>
public sealed record AutoscalerInput
{
    public required ScalingSettings Settings { get; init; }

    /// <summary>None: the load is not known, which is not the same as no load.</summary>
    public LoadSample? Sample { get; init; }

    /// <summary>Replicas that serve.</summary>
    public int Ready { get; init; }

    /// <summary>Replicas that will serve once they have started.</summary>
    public int Starting { get; init; }
}

/// <summary>The load of a service: how it is now, and what came since the sample before.</summary>
public sealed record LoadSample
{
    /// <summary>Requests sent to replicas and not answered.</summary>
    public double InFlight { get; init; }

    /// <summary>Requests that wait in gateways, for whatever reason.</summary>
    public double Waiting { get; init; }

    /// <summary>Requests that came.</summary>
    public double Arrivals { get; init; }

    /// <summary>Requests that were answered.</summary>
    public double Completions { get; init; }

    /// <summary>Over the answered: seconds from the dispatch to a replica until the last byte of the answer.</summary>
    public double ServiceSeconds { get; init; }

    /// <summary>Of the answered, those that kept a latency objective; none where there is no such objective.</summary>
    public double? OnTime { get; init; }

    /// <summary>Whether there is any request that a replica is needed for.</summary>
    public bool HasRequests => InFlight > 0 || Waiting > 0 || Arrivals > 0;

    /// <summary>Whether all numbers make sense; what does not is no better than a sample that is missing.</summary>
    public bool IsSound =>
        IsCount(InFlight) && IsCount(Waiting) && IsCount(Arrivals) && IsCount(Completions) && IsCount(ServiceSeconds) && IsCount(OnTime ?? 0);

    private static bool IsCount(double value) => double.IsFinite(value) && value >= 0;
}

/// <summary>How many replicas there are to be, and what that was decided on.</summary>
public sealed record ScaleDecision(int Replicas, string Why);
