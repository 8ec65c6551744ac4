namespace AiDc.ControllerRuntime.Client;

/// <summary>How a client behaves.</summary>
public sealed record KubernetesApiClientOptions
{
    /// <summary>Of one attempt, lists and watches apart.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of one page of a list.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>1: no retries, for callers that have a deadline of their own.</summary>
    public int MaxAttempts { get; init; } = RetryPolicy.MaxAttempts;

    /// <summary>Creates in flight at once in <c>CreateManyAsync</c>, of all callers together.</summary>
    public int CreateConcurrency { get; init; } = 24;

    /// <summary>Null: no limit.</summary>
    public double? RequestsPerSecond { get; init; }

    public string UserAgent { get; init; } = "AiDc.ControllerRuntime";
}
