using System.Runtime.CompilerServices;

namespace AiDc.Operator.Scheduling;

/// <summary>
/// How much of each resource, in whole units (millicores, bytes, devices), in the order of <see cref="SchedulingSnapshot.Resources"/>. What is not
/// given is zero. Any int64 is taken: sums of them are made in 128 bits, so that none wraps around.
/// </summary>
[CollectionBuilder(typeof(Amounts), nameof(Of))]
public readonly struct Amounts : IEquatable<Amounts>
{
    /// <summary>In a quota: as much as there is.</summary>
    public const long Unlimited = long.MaxValue;

    private readonly long[]? values;

    private Amounts(long[] values) => this.values = values;

    public int Count => values?.Length ?? 0;

    public bool HasNegative => values is not null && values.Any(v => v < 0);

    public long this[int resource] => values is null || resource >= values.Length ? 0 : values[resource];

    public static Amounts Of(ReadOnlySpan<long> values) => new(values.ToArray());

    public ReadOnlySpan<long>.Enumerator GetEnumerator() => values.AsSpan() is var span ? ((ReadOnlySpan<long>)span).GetEnumerator() : default;

    public bool Equals(Amounts other)
    {
        for (var r = Math.Max(Count, other.Count) - 1; r >= 0; r--)
            if (this[r] != other[r]) return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is Amounts other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(this[0], this[1], this[2]);

    public override string ToString() => string.Join(' ', values ?? []);

    public static bool operator ==(Amounts left, Amounts right) => left.Equals(right);

    public static bool operator !=(Amounts left, Amounts right) => !left.Equals(right);
}
