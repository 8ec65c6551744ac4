namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>An autoscaler under the simulator: one instance a run.</summary>
internal interface IScalingAlgorithm
{
    /// <summary>Seconds between two ticks.</summary>
    double TickSeconds { get; }

    /// <summary>Whether it is asked at once when a request comes and there is no replica.</summary>
    bool WakesAtOnce { get; }

    /// <summary>The replicas that there are to be; the simulator keeps them within the service's bounds. None: leave it as it is.</summary>
    int? Decide(Observation seen);
}

/// <summary>What an autoscaler sees at a tick; counts and sums are of the time since its last one.</summary>
internal sealed record Observation
{
    /// <summary>Seconds since the trace's start.</summary>
    public required double Now { get; init; }

    /// <summary>Requests in the system, waiting ones among them: the mean over the time since the last tick.</summary>
    public required double MeanConcurrency { get; init; }

    public required int InFlight { get; init; }

    public required int Queued { get; init; }

    public required int Arrivals { get; init; }

    public required int Completions { get; init; }

    /// <summary>Seconds of service of the completed.</summary>
    public required double ServiceSeconds { get; init; }

    public required int Ready { get; init; }

    public required int Starting { get; init; }

    public int Replicas => Ready + Starting;
}
