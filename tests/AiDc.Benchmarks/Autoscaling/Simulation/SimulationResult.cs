namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>What one algorithm did with one trace.</summary>
/// <param name="Attainment">Share of the requests that waited no longer than the objective.</param>
/// <param name="ReplicaSeconds">Replicas times seconds, those that start and those that drain among them.</param>
/// <param name="WaitP99">Seconds.</param>
/// <param name="Most">The most replicas there were at once, draining ones among them.</param>
/// <param name="Wanted">Each change of the number of replicas wanted: when and to what, the first at 0.</param>
internal sealed record SimulationResult(
    double Attainment, double ReplicaSeconds, double WaitP99, int Most, IReadOnlyList<(double At, int Replicas)> Wanted);
