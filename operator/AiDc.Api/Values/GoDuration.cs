using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace AiDc.Api.Values;

/// <summary>
/// Durations as people write them in manifests: Go's style (<c>1h30m</c>, <c>1.5h</c>, <c>500ms</c>) and days (<c>7d</c>).
/// Never negative. Resolution 100 ns; below that is cut off.
/// </summary>
public static class GoDuration
{
    /// <summary>The grammar, as in the schema.</summary>
    public const string Pattern = @"^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+$";

    /// <summary>The most characters of a duration in a manifest.</summary>
    public const int MaxLength = 64;

    private static readonly (string Unit, long Ticks)[] Units =
    [
        // Longest first, so that "ms" is not read as minutes.
        ("ns", 0), ("us", TimeSpan.TicksPerMicrosecond), ("µs", TimeSpan.TicksPerMicrosecond), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads a duration; false when the text is none or it is beyond <see cref="TimeSpan.MaxValue"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text))
            return false;

        decimal ticks = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = NumberLength(rest);
            if (digits == 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            if (!TryReadUnit(ref rest, out var ticksPerUnit) || number > long.MaxValue / ticksPerUnit)
                return false;
            ticks += number * ticksPerUnit;
        }

        if (ticks > long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Reads a duration that validation has let through.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static TimeSpan Parse(string text) => TryParse(text, out var duration)
        ? duration
        : throw new FormatException($"'{text}' is not a duration such as 30s, 10m, 1h30m or 7d");

    /// <summary>Writes a duration for people: whole seconds from one second on (<c>1d2h3m4s</c>), milliseconds below.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        if (duration == TimeSpan.Zero)
            return "0s";
        if (duration < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)duration.TotalMilliseconds)}ms");

        var text = new StringBuilder();
        Append(text, duration.Days, 'd');
        Append(text, duration.Hours, 'h');
        Append(text, duration.Minutes, 'm');
        Append(text, duration.Seconds, 's');
        return text.ToString();
    }

    private static void Append(StringBuilder text, int value, char unit)
    {
        if (value > 0)
            text.Append(value.ToString(CultureInfo.InvariantCulture)).Append(unit);
    }

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var whole = DigitCount(text);
        if (whole == 0 || whole == text.Length || text[whole] != '.')
            return whole;
        var fraction = DigitCount(text[(whole + 1)..]);
        return fraction == 0 ? 0 : whole + 1 + fraction;
    }

    private static int DigitCount(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count]))
            count++;
        return count;
    }

    private static bool TryReadUnit(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        foreach (var (unit, ticksPerUnit) in Units)
        {
            if (!rest.StartsWith(unit, StringComparison.Ordinal))
                continue;
            rest = rest[unit.Length..];
            ticks = unit == "ns" ? 0.01m : ticksPerUnit;
            return true;
        }

        ticks = 0;
        return false;
    }
}
