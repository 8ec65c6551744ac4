using System.Globalization;
using AiDc.Trainer.Serving.Errors;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>How long a request may take.</summary>
internal static class Deadlines
{
    /// <summary>Milliseconds that are left to whoever sent the request on.</summary>
    public const string Header = "aidc-timeout-ms";

    /// <summary>gRPC's own: a number of at most 8 digits and its unit.</summary>
    private const string GrpcHeader = "grpc-timeout";

    /// <param name="longest">What the server allows.</param>
    /// <exception cref="ServingException">A header is not what it should be.</exception>
    public static TimeSpan Of(IHeaderDictionary headers, TimeSpan longest)
    {
        var timeout = longest;
        if (headers.TryGetValue(Header, out var left)) timeout = Shorter(timeout, Milliseconds(left.ToString()));
        if (headers.TryGetValue(GrpcHeader, out var grpc)) timeout = Shorter(timeout, Grpc(grpc.ToString()));
        return timeout;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Milliseconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < uint.MaxValue
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw ServingException.Invalid($"{Header}: '{text}' is no number of milliseconds");

    private static TimeSpan Grpc(string text)
    {
        if (text.Length is < 2 or > 9 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) throw Wrong();
        return text[^1] switch
        {
            'H' => TimeSpan.FromHours(Math.Min(value, 24)),
            'M' => TimeSpan.FromMinutes(value),
            'S' => TimeSpan.FromSeconds(value),
            'm' => TimeSpan.FromMilliseconds(value),
            'u' => TimeSpan.FromMicroseconds(value),
            'n' => TimeSpan.FromTicks(value / 100),
            _ => throw Wrong(),
        };

        ServingException Wrong() => ServingException.Invalid($"{GrpcHeader}: '{text}' is no duration");
    }
}
