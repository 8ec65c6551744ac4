namespace AiDc.Testing;

/// <summary>What goes wrong with a request that passes the <see cref="FaultProxy"/>.</summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>Answered by the proxy, as the API server would.</summary>
    /// <param name="RetryAfterSeconds">Sent as the header Retry-After.</param>
    public sealed record Refusal(int Code, string Reason, string Message, int? RetryAfterSeconds = null) : Fault;

    /// <summary>Never answered; the connection stays open.</summary>
    public sealed record Hang : Fault;

    /// <summary>The connection is broken without an answer, before the server has seen the request.</summary>
    public sealed record Disconnect : Fault;

    /// <summary>The request reaches the server, and the connection breaks before its answer comes back.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>A watch: after so many lines the connection is broken.</summary>
    public sealed record CutAfter(int Lines) : Fault;

    /// <summary>A watch: after so many lines no more come, though the connection stays open.</summary>
    public sealed record HangAfter(int Lines) : Fault;

    /// <summary>A watch: after so many lines this one comes, and the stream ends as it should.</summary>
    public sealed record LineAfter(int Lines, string Line) : Fault
    {
        /// <summary>The event by which the server says that it has forgotten the version to watch from.</summary>
        public static LineAfter Gone(int lines) => new(
            lines,
            """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}""");
    }

    /// <summary>Passed on, after a while.</summary>
    public sealed record Slow(TimeSpan Delay) : Fault;
}
