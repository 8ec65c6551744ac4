using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What one replica takes on.</summary>
public sealed record LimitsSpec
{
    /// <summary>The most requests that a gateway sends to one replica at once, and that the built-in server takes into work.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; init; } = 64;

    /// <summary>The most requests that wait in a replica of the built-in server; more are answered with 429.</summary>
    [Range(1, 100_000)]
    public int Queue { get; init; } = 128;

    /// <summary>How long a request may take, waiting included; then it is answered with 504. A caller may ask for less.</summary>
    [Format(StringFormat.PositiveDuration)]
    public string Timeout { get; init; } = "30s";
}
