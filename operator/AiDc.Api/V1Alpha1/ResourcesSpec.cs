using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AiDc.Api.Schema;
using AiDc.Api.Values;

namespace AiDc.Api.V1Alpha1;

/// <summary>What one pod asks for.</summary>
public sealed record ResourcesSpec
{
    /// <summary>GPUs per pod, of the resource that the operator is configured for (nvidia.com/gpu unless changed).</summary>
    [Range(0, 64)]
    public int Gpus { get; init; }

    /// <summary>CPU per pod, as a request: the pod may use more when the node has it. Fractions as text: 500m or "0.5".</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Cpu { get; init; }

    /// <summary>Memory per pod, as request and limit: a pod that needs more is killed.</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Memory { get; init; }

    /// <summary>Shared memory at /dev/shm, for data loaders with worker processes. It counts towards memory.</summary>
    [Format(StringFormat.Quantity)]
    [JsonConverter(typeof(NumberOrStringConverter))]
    public string? Shm { get; init; }
}
