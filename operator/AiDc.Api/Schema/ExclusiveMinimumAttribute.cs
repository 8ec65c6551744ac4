namespace AiDc.Api.Schema;

/// <summary>The number has to be above this bound.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExclusiveMinimumAttribute(double bound) : Attribute
{
    public double Bound { get; } = bound;
}
