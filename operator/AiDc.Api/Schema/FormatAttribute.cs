namespace AiDc.Api.Schema;

/// <summary>What a string holds: gives its pattern in the schema and its explanation in the reference.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(StringFormat format) : Attribute
{
    public StringFormat Format { get; } = format;
}
