namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>One request of a trace.</summary>
/// <param name="Arrival">Seconds since the trace's start; requests are in this order.</param>
/// <param name="Service">Seconds that a replica works on it.</param>
internal readonly record struct SimulatedRequest(double Arrival, double Service);
