namespace AiDc.Api.Schema;

/// <summary>What the definition of a custom resource needs beside its group, version and kind.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceAttribute : Attribute
{
    public required string Singular { get; init; }

    public string[] ShortNames { get; init; } = [];

    public string[] Categories { get; init; } = [];

    /// <summary>Where <c>kubectl scale</c> writes, from the root of the object; null: the resource cannot be scaled.</summary>
    public string? SpecReplicasPath { get; init; }

    public string? StatusReplicasPath { get; init; }

    /// <summary>Where the selector of the pods is, for autoscalers.</summary>
    public string? LabelSelectorPath { get; init; }
}
