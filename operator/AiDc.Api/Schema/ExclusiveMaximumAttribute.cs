namespace AiDc.Api.Schema;

/// <summary>The number has to be below this bound; <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/> says the rest.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExclusiveMaximumAttribute(double bound) : Attribute
{
    public double Bound { get; } = bound;
}
