using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

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
