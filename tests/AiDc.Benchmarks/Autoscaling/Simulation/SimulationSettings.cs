namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>The service that is simulated; the same for each algorithm.</summary>
internal sealed record SimulationSettings
{
    /// <summary>Requests that a replica works on at once, each as fast as if it were alone.</summary>
    public int Slots { get; init; } = 4;

    /// <summary>Seconds from the decision until a replica serves, for the replica with this number; numbers are given in the order of starting.</summary>
    public Func<int, double> StartSeconds { get; init; } = _ => 10;

    /// <summary>Seconds that a request may wait for a slot and still be on time.</summary>
    public double WaitObjective { get; init; } = 1;

    /// <summary>Replicas that serve at the trace's start.</summary>
    public int Initial { get; init; } = 1;

    /// <summary>Seconds after the trace's start at which the algorithm is asked for the first time.</summary>
    public double FirstTick { get; init; }

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 100;
}

/// <summary>One request of a trace.</summary>
/// <param name="Arrival">Seconds since the trace's start; requests are in this order.</param>
/// <param name="Service">Seconds that a replica works on it.</param>
internal readonly record struct SimulatedRequest(double Arrival, double Service);

/// <summary>What one algorithm did with one trace.</summary>
/// <param name="Attainment">Share of the requests that waited no longer than the objective.</param>
/// <param name="ReplicaSeconds">Replicas times seconds, those that start and those that drain among them.</param>
/// <param name="WaitP99">Seconds.</param>
/// <param name="Most">The most replicas there were at once, draining ones among them.</param>
/// <param name="Wanted">Each change of the number of replicas wanted: when and to what, the first at 0.</param>
internal sealed record SimulationResult(
    double Attainment, double ReplicaSeconds, double WaitP99, int Most, IReadOnlyList<(double At, int Replicas)> Wanted);
