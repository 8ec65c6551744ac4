using System.Globalization;

namespace AiDc.Gateway.Protocol;

/// <summary>What tells a gRPC call from other requests.</summary>
internal static class GrpcCall
{
    public const string ContentType = "application/grpc";

    public static bool Is(HttpRequest request) =>
        HttpProtocol.IsHttp2(request.Protocol) && request.ContentType is { } type && type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == ContentType.Length || type[ContentType.Length] is '+' or ';' or ' ');
}

/// <summary>The deadline of a gRPC call: at most eight digits and a unit (gRPC over HTTP/2, Requests, Timeout).</summary>
internal static class GrpcTimeout
{
    private const int MostDigits = 8;

    /// <returns>Null where there is none, or it is malformed.</returns>
    public static TimeSpan? Parse(string? text)
    {
        if (text is not { Length: >= 2 and <= MostDigits + 1 }
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        return text[^1] switch
        {
            'H' => Bounded(count, TimeSpan.TicksPerHour),
            'M' => Bounded(count, TimeSpan.TicksPerMinute),
            'S' => Bounded(count, TimeSpan.TicksPerSecond),
            'm' => Bounded(count, TimeSpan.TicksPerMillisecond),
            'u' => Bounded(count, TimeSpan.TicksPerMicrosecond),
            'n' => new TimeSpan(count / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }

    public static string Format(TimeSpan left)
    {
        var milliseconds = Math.Max(1, (long)Math.Ceiling(left.TotalMilliseconds));
        return milliseconds < 100_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(milliseconds / 1000, 99_999_999)}S");
    }

    /// <summary>More than a year is for ever.</summary>
    private static TimeSpan Bounded(long count, long ticks) => new(Math.Min(count, TimeSpan.FromDays(365).Ticks / ticks) * ticks);
}
