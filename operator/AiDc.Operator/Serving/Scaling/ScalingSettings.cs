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

    /// <summary>The most requests that gateways send to one replica at once.</summary>
    public int ReplicaLimit { get; init; } = 64;
}
