using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>Which requests the built-in server writes to its log.</summary>
public sealed record RequestLogSpec
{
    /// <summary>The share of the requests that are logged.</summary>
    [Range(0.0, 1.0)]
    public double SampleRate { get; init; } = 0.01;

    /// <summary>Whether inputs and outputs are logged too. They may be somebody's secrets.</summary>
    public bool Payloads { get; init; }
}
