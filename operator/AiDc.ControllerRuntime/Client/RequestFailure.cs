using System.Net;

namespace AiDc.ControllerRuntime.Client;

/// <summary>How one attempt of a request failed.</summary>
/// <param name="Code">0 unless the server answered.</param>
public readonly record struct RequestFailure(RequestFailureKind Kind, HttpStatusCode Code, string? Reason, TimeSpan? RetryAfter);
