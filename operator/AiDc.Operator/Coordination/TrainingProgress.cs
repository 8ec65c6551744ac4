namespace AiDc.Operator.Coordination;

/// <summary>One report of how far a training is. What a worker did not say is null; numbers are finite.</summary>
public sealed record TrainingProgress
{
    public static readonly IReadOnlyDictionary<string, double> NoMetrics = new Dictionary<string, double>();

    /// <summary>The epoch in work, counted from 1.</summary>
    public int? Epoch { get; init; }

    public int? Epochs { get; init; }

    /// <summary>Steps done since the training began, restarts included.</summary>
    public long? Step { get; init; }

    public long? TotalSteps { get; init; }

    public double? Loss { get; init; }

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = NoMetrics;

    public double? SamplesPerSecond { get; init; }

    /// <summary>Mean time of a step since the report before, in seconds.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>Share of the time, 0 to 1, that steps waited for data.</summary>
    public double? DataWaitShare { get; init; }

    /// <summary>False while a resumed training only tells where it stands: no step of this attempt is done yet.</summary>
    public bool StepDone { get; init; }

    public int WorkerIndex { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}
