namespace AiDc.Operator.Planning;

/// <summary>Times as a status keeps them.</summary>
internal static class Times
{
    /// <summary>UTC and whole milliseconds: what survives a round trip through the API, so that a status compares equal to itself.</summary>
    public static DateTimeOffset Milliseconds(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return new(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }

    public static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
