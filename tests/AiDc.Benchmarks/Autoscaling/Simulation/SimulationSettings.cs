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
