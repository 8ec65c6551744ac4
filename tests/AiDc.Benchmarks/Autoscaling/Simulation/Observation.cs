namespace AiDc.Benchmarks.Autoscaling.Simulation;

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
