using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How many requests each gateway lets through; more are answered with 429.</summary>
[Rule("!has(self.burst) || has(self.requestsPerSecond)", "rateLimit.burst bounds what rateLimit.requestsPerSecond lets through at once: set that too, or leave burst out")]
public sealed record RateLimitSpec
{
    /// <summary>Requests a second for the service. No limit when left out.</summary>
    [Range(0.0, 1_000_000), ExclusiveMinimum(0)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>How many requests may come at once after a pause; as many as a second lets through when left out.</summary>
    [Range(1, 1_000_000)]
    public int? Burst { get; init; }

    /// <summary>Requests a second for one client (its API key, else its address). No limit when left out.</summary>
    [Range(0.0, 1_000_000), ExclusiveMinimum(0)]
    public double? PerClientRequestsPerSecond { get; init; }
}
