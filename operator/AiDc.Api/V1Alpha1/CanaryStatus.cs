namespace AiDc.Api.V1Alpha1;

/// <summary>How a canary does.</summary>
public sealed record CanaryStatus
{
    /// <summary>The revision that is tried.</summary>
    public string? Revision { get; init; }

    /// <summary>The index of its step, from 0.</summary>
    public int Step { get; init; }

    /// <summary>The share of the requests at that step.</summary>
    public int Percent { get; init; }

    /// <summary>Since when its replicas have been ready and it has got that share; unset before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The share of its requests at this step that failed.</summary>
    public double? ErrorRate { get; init; }

    /// <summary>How many times longer than the stable revision it took for a request, on average.</summary>
    public double? LatencyRatio { get; init; }

    /// <summary>Its answered requests at this step.</summary>
    public long? Samples { get; init; }

    /// <summary>Starting, Progressing, Waiting (for more requests), Promoted or RolledBack.</summary>
    public string? Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public string? Message { get; init; }
}

/// <summary>The values of status.canary.verdict.</summary>
public static class CanaryVerdict
{
    /// <summary>Its replicas load the model; it gets no requests yet.</summary>
    public const string Starting = "Starting";

    /// <summary>It gets its share, and has not had it for long enough.</summary>
    public const string Progressing = "Progressing";

    /// <summary>It had its share for long enough, but too few requests came to judge by.</summary>
    public const string Waiting = "Waiting";

    /// <summary>It did well at every step and is the stable revision now.</summary>
    public const string Promoted = "Promoted";

    /// <summary>It did badly; all requests go to the revision before, and its replicas are gone.</summary>
    public const string RolledBack = "RolledBack";
}
