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
