namespace AiDc.Api.Schema;

/// <summary>A column of <c>kubectl get</c>. Columns are printed in the order in which the attributes stand.</summary>
/// <param name="name">The heading.</param>
/// <param name="jsonPath">Where the value is, from the root of the object.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string jsonPath) : Attribute
{
    public string Name { get; } = name;

    public string JsonPath { get; } = jsonPath;

    /// <summary>The type for the printer: string, integer, number, boolean or date.</summary>
    public string Type { get; init; } = "string";

    /// <summary>0 is always shown; 1 and more only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
