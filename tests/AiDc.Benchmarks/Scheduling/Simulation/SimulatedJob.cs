using AiDc.Operator.Scheduling;

namespace AiDc.Benchmarks.Scheduling.Simulation;

/// <summary>A job of a trace.</summary>
/// <param name="Submitted">Seconds from the beginning of the trace.</param>
/// <param name="Duration">Seconds that it runs with all its replicas.</param>
internal sealed record SimulatedJob(string Name, double Submitted, int Replicas, Amounts PerPod, double Duration)
{
    public string Queue { get; init; } = "all";

    public int Priority { get; init; }

    /// <summary>Seconds that the scheduler is told; null: nothing.</summary>
    public double? Estimate { get; init; }

    public int? Min { get; init; }

    public int? Max { get; init; }

    public PlacementConstraints Constraints { get; init; } = PlacementConstraints.None;

    /// <summary>Of the scarce resource.</summary>
    public double Units => (double)PerPod[0] * Replicas;
}

/// <summary>How it went for a job.</summary>
/// <param name="Started">Seconds: when it first ran.</param>
internal sealed record JobOutcome(SimulatedJob Job, double Started, double Ended, int Preemptions, double? Promised, bool WasReserved)
{
    public double CompletionTime => Ended - Job.Submitted;

    public double Wait => Started - Job.Submitted;
}

/// <summary>How it went for all.</summary>
/// <param name="Use">Units of the scarce resource that were held, from each moment on.</param>
/// <param name="Unfinished">Jobs that could not start at all.</param>
internal sealed record SimulationResult(
    IReadOnlyList<JobOutcome> Jobs, IReadOnlyList<(double At, double Units)> Use, IReadOnlyList<string> Unfinished, int Cycles, IReadOnlyDictionary<string, double> UnitSecondsByQueue)
{
    public double MeanCompletion => Jobs.Average(j => j.CompletionTime);

    public double Makespan => Jobs.Max(j => j.Ended) - Jobs.Min(j => j.Job.Submitted);

    public double Completion(double quantile)
    {
        var sorted = Jobs.Select(j => j.CompletionTime).Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
