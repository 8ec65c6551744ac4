using System.Globalization;

namespace AiDc.Api.Generator;

/// <summary>A version of Kubernetes, as far as the definitions depend on it.</summary>
public readonly record struct KubeVersion(int Major, int Minor) : IComparable<KubeVersion>
{
    /// <summary>From here on API servers take CEL rules in definitions; the field gate is on by default.</summary>
    public static readonly KubeVersion FirstWithRules = new(1, 25);

    /// <summary>Reads 1.20, v1.20.2 and the like.</summary>
    public static bool TryParse(string text, out KubeVersion version)
    {
        version = default;
        var parts = text.TrimStart('v').Split('.', '+', '-');
        if (parts.Length < 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return false;
        version = new KubeVersion(major, minor);
        return true;
    }

    public int CompareTo(KubeVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(KubeVersion left, KubeVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KubeVersion left, KubeVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KubeVersion left, KubeVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KubeVersion left, KubeVersion right) => left.CompareTo(right) >= 0;
}
