using System.Globalization;

namespace AiDc.ControllerRuntime;

/// <summary>Times of the API type MicroTime, which old servers read with exactly six decimals only.</summary>
internal static class MicroTime
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>For typed models, whose writer leaves out the decimals of whole seconds: never a whole second.</summary>
    public static DateTime Of(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var micros = new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        return micros.Ticks % TimeSpan.TicksPerSecond == 0 ? micros.AddTicks(TimeSpan.TicksPerMicrosecond) : micros;
    }
}
