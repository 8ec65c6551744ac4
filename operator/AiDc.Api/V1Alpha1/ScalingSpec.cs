using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How many replicas there are.</summary>
[Rule("self.min <= self.max", "scaling.min is more than scaling.max: lower min, or raise max")]
public sealed record ScalingSpec
{
    /// <summary>Pins the number of replicas, whatever the load; this is what kubectl scale sets. Left out, the load decides between min and max.</summary>
    [Range(0, 1000)]
    public int? Replicas { get; init; }

    /// <summary>The fewest replicas. 0: none while there are no requests; a request then waits in the gateway until a replica is ready.</summary>
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
