namespace AiDc.Api.Schema;

/// <summary>What the definition of a custom resource needs beside its group, version and kind.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceAttribute : Attribute
{
    public required string Singular { get; init; }

    public string[] ShortNames { get; init; } = [];

    public string[] Categories { get; init; } = [];
}
