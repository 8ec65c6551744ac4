namespace AiDc.Operator.Serving.Scaling;

/// <summary>What the number of replicas is to keep to.</summary>
public enum ScalingMeasure
{
    /// <summary>Requests in work at once, per replica.</summary>
    Concurrency,

    /// <summary>Requests a second, per replica.</summary>
    RequestsPerSecond,

    /// <summary>Seconds from a request's arrival to its answer, for nearly all requests.</summary>
    Latency,

    /// <summary>Requests that wait, per replica.</summary>
    QueueDepth,
}
