using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>How the built-in server joins requests of equal shapes into one run of the model.</summary>
public sealed record BatchingSpec
{
    /// <summary>The most samples in a batch. 1: no batching.</summary>
    [Range(1, 4096)]
    public int MaxSize { get; init; } = 32;

    /// <summary>The longest time that a request waits for others to join it.</summary>
    [Format(StringFormat.Duration)]
    public string MaxLatency { get; init; } = "5ms";
}
