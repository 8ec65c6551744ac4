namespace AiDc.Api.Validation;

/// <summary>What validity depends on beside the object: how the operator is configured.</summary>
public sealed record ValidationContext
{
    /// <summary>The folders of nodes that hostpath URIs may name, with all below them. None by default.</summary>
    public IReadOnlyList<string> AllowedHostPaths { get; init; } = [];

    /// <summary>The extended resource that resources.gpus counts.</summary>
    public string GpuResourceName { get; init; } = "nvidia.com/gpu";
}
