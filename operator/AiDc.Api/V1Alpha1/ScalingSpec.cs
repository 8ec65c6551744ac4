using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How many replicas there are.</summary>
[Rule("self.min <= self.max", "scaling.min is more than scaling.max: lower min, or raise max")]
public sealed record ScalingSpec
{
    /// <summary>
    /// Pins the number of replicas, whatever the load; this is what kubectl scale and autoscalers set. Left out, the load decides between min and
    /// max; the operator then writes its number here for autoscalers to read (at least 1), and any other number pins it.
    /// </summary>
    [Range(0, 1000)]
    public int? Replicas { get; init; }

    /// <summary>The fewest replicas. 0: none while there are no requests; a request then waits in the gateway until a replica is ready, and all have to come by way of the gateways.</summary>
    [Range(0, 1000)]
    public int Min { get; init; } = 1;

    /// <summary>The most replicas.</summary>
    [Range(1, 1000)]
    public int Max { get; init; } = 10;

    /// <summary>What the number of replicas is to keep to.</summary>
    public ScalingTargetSpec Target { get; init; } = new();

    /// <summary>How long no request may have come until the last replica is given up, where min is 0.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string IdleAfter { get; init; } = "60s";
}

/// <summary>One measure of load that replicas are added and removed for; a concurrency of 4 when none is set.</summary>
[Rule(
    "(has(self.concurrency) ? 1 : 0) + (has(self.requestsPerSecond) ? 1 : 0) + (has(self.latency) ? 1 : 0) + (has(self.queueDepth) ? 1 : 0) <= 1",
    "scaling.target has more than one measure: set one of concurrency, requestsPerSecond, latency and queueDepth")]
public sealed record ScalingTargetSpec
{
    /// <summary>Requests in work at once, per replica.</summary>
    [Range(0.0, 10_000), ExclusiveMinimum(0)]
    public double? Concurrency { get; init; }

    /// <summary>Requests a second, per replica.</summary>
    [Range(0.0, 1_000_000), ExclusiveMinimum(0)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>The time from a request's arrival at the gateway to its answer that nearly all requests are to keep.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string? Latency { get; init; }

    /// <summary>Requests that wait, per replica.</summary>
    [Range(0.0, 10_000), ExclusiveMinimum(0)]
    public double? QueueDepth { get; init; }
}
