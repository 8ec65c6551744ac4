namespace AiDc.Operator.Serving.Scaling;

/// <summary>What the service's owner asks for.</summary>
public sealed record ScalingSettings
{
    /// <summary>The number of replicas, whatever the load; none: the load decides.</summary>
    public int? Pinned { get; init; }

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 10;

    public ScalingTarget Target { get; init; } = new(ScalingMeasure.Concurrency, 4);

    /// <summary>How long no request may have come until the last replica is given up, where <see cref="Min"/> is 0.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The autoscaler's parameters; a benchmark tries others.</summary>
    public ScalingTimes Times { get; init; } = ScalingTimes.Default;

    /// <summary>The most requests that gateways send to one replica at once.</summary>
    public int ReplicaLimit { get; init; } = 64;
}

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

/// <summary>A measure with the value that is to be kept.</summary>
public sealed record ScalingTarget(ScalingMeasure Measure, double Value);
