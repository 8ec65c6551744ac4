using System.Globalization;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>
/// Resource versions compare as unsigned decimals (officially since Kubernetes 1.35, in fact since ever); what is no
/// decimal compares with nothing.
/// </summary>
public static class ResourceVersions
{
    public static bool TryParse(string? text, out ulong version) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    /// <summary>Whether <paramref name="candidate"/> is known to be older than <paramref name="current"/>.</summary>
    public static bool IsOlder(string? candidate, string? current) =>
        TryParse(candidate, out var a) && TryParse(current, out var b) && a < b;
}
