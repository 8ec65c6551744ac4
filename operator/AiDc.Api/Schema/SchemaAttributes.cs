namespace AiDc.Api.Schema;

/// <summary>What the definition of a custom resource needs in addition to its group, version and kind.</summary>
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

/// <summary>
/// A rule over several fields that a schema cannot say, as a CEL expression over <c>self</c>, the object it is put on.
/// API servers from 1.25 on check it when an object is written; the validator says the same for older ones.
/// </summary>
/// <param name="expression">What has to be true.</param>
/// <param name="message">What is wrong and what fixes it, for the person who wrote the object.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RuleAttribute(string expression, string message) : Attribute
{
    public string Expression { get; } = expression;

    public string Message { get; } = message;
}

/// <summary>What a string holds: gives its pattern in the schema and its explanation in the reference.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(StringFormat format) : Attribute
{
    public StringFormat Format { get; } = format;
}

/// <summary>The kinds of strings that have a grammar of their own.</summary>
public enum StringFormat
{
    /// <summary>A duration: <see cref="Values.GoDuration"/>.</summary>
    Duration,

    /// <summary>A duration above zero.</summary>
    PositiveDuration,

    /// <summary>A Kubernetes quantity such as 500m or 4Gi; a plain number is accepted as well.</summary>
    Quantity,

    /// <summary>Where files are: <see cref="Values.StorageUri"/>.</summary>
    StorageUri,

    /// <summary>Where a model is: <see cref="Values.ModelUri"/>.</summary>
    ModelUri,

    /// <summary>A SHA-256 sum: 64 hexadecimal digits.</summary>
    Sha256,
}

/// <summary>The range of each item of a list of whole numbers, bounds included.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemRangeAttribute(int minimum, int maximum) : Attribute
{
    public int Minimum { get; } = minimum;

    public int Maximum { get; } = maximum;
}

/// <summary>The number has to be above this bound.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExclusiveMinimumAttribute(double bound) : Attribute
{
    public double Bound { get; } = bound;
}

/// <summary>The number has to be below this bound; <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/> says the rest.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExclusiveMaximumAttribute(double bound) : Attribute
{
    public double Bound { get; } = bound;
}

/// <summary>The list is a map by this field of its items: server-side apply merges it item by item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapKeyAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}
