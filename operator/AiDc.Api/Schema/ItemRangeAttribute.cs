namespace AiDc.Api.Schema;

/// <summary>The range of each item of a list of whole numbers, bounds included.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemRangeAttribute(int minimum, int maximum) : Attribute
{
    public int Minimum { get; } = minimum;

    public int Maximum { get; } = maximum;
}
