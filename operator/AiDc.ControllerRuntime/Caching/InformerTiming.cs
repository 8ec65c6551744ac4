namespace AiDc.ControllerRuntime.Caching;

/// <summary>How long a watch may last. The server is asked to end it at a random time, so that not all end at once.</summary>
public sealed record InformerTiming
{
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan LongestWatch { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After the server should have ended it, we do: a half-open connection never would.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public int PageSize { get; init; } = 500;
}
