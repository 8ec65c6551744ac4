using System.Net;

namespace AiDc.ControllerRuntime.Client;

/// <summary>How one attempt of a request failed.</summary>
/// <param name="Code">0 unless the server answered.</param>
public readonly record struct RequestFailure(RequestFailureKind Kind, HttpStatusCode Code, string? Reason, TimeSpan? RetryAfter);

public enum RequestFailureKind
{
    /// <summary>The server answered with an error.</summary>
    Answered,

    /// <summary>No connection was made.</summary>
    NeverSent,

    /// <summary>The connection broke before the answer was whole: the server may have acted.</summary>
    Broken,

    /// <summary>No answer in time: the server may have acted.</summary>
    TimedOut,
}

/// <summary>
/// Which failed requests are sent again, and when. Creates are sent again only where the server says that it did
/// nothing (429), asks for it (ServerTimeout: in a young namespace the service account's token is missing), or was
/// never reached.
/// </summary>
public static class RetryPolicy
{
    /// <summary>Attempts in all.</summary>
    public const int MaxAttempts = 6;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <param name="attempt">How many attempts have failed, 1 or more.</param>
    /// <param name="random">From 0 up to 1.</param>
    /// <returns>How long to wait before the next attempt; null: give up.</returns>
    public static TimeSpan? Delay(bool idempotent, RequestFailure failure, int attempt, double random)
    {
        if (attempt >= MaxAttempts || !MayRetry(idempotent, failure)) return null;
        if (failure.RetryAfter is { } asked)
            return (asked < LongestDelay ? asked : LongestDelay) * (1 + (random * 0.1)) + TimeSpan.FromMilliseconds(random * 50);
        var ceiling = FirstDelay * Math.Pow(2, attempt - 1);
        return (ceiling < LongestDelay ? ceiling : LongestDelay) * (0.5 + (random * 0.5));
    }

    private static bool MayRetry(bool idempotent, RequestFailure failure) => failure switch
    {
        { Kind: RequestFailureKind.NeverSent } => true,
        { Kind: RequestFailureKind.Broken } => idempotent,
        { Kind: RequestFailureKind.TimedOut } => false,
        { Code: HttpStatusCode.TooManyRequests } => true,
        { Code: HttpStatusCode.InternalServerError, Reason: "ServerTimeout" } => true,
        // The server's own time-out, for example of a list at a version it has not reached: the caller has to ask otherwise.
        { Code: HttpStatusCode.GatewayTimeout, Reason: "Timeout" } => false,
        { Code: HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.BadGateway } => idempotent,
        _ => false,
    };
}
