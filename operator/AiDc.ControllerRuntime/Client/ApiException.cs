using System.Net;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>The API server refused a request, or did not answer it (<see cref="Code"/> 0).</summary>
public sealed class ApiException : Exception
{
    public ApiException() { }

    public ApiException(string message) : base(message) { }

    public ApiException(string message, Exception? inner) : base(message, inner) { }

    public ApiException(HttpStatusCode code, V1Status? status, string request, TimeSpan? retryAfter = null)
        : base($"{request}: {(int)code} {status?.Reason ?? code.ToString()}{(status?.Message is { } m ? ": " + m : "")}")
    {
        Code = code;
        Status = status;
        RetryAfter = retryAfter;
    }

    public HttpStatusCode Code { get; }

    /// <summary>What the server said, if it said it as a Status object.</summary>
    public V1Status? Status { get; }

    /// <summary>The machine-readable reason, for example <c>AlreadyExists</c>, <c>Expired</c>, <c>ServerTimeout</c>.</summary>
    public string? Reason => Status?.Reason;

    public TimeSpan? RetryAfter { get; }

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The object changed since it was read (or its uid is not the expected one).</summary>
    public bool IsConflict => (Code == HttpStatusCode.Conflict && Reason != "AlreadyExists") || IsOtherUid;

    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    // A patch with the uid of an object that was replaced is refused as an attempt to change the uid.
    private bool IsOtherUid => IsInvalid && Status?.Details?.Causes?.Any(c => c.Field == "metadata.uid") == true;

    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    public bool IsInvalid => Code == HttpStatusCode.UnprocessableEntity;

    /// <summary>The resourceVersion is older than what the server still knows.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>The resourceVersion is newer than what the server has: it was restored, or lags behind.</summary>
    public bool IsVersionTooLarge => Status?.Details?.Causes?.Any(c => c.Reason == "ResourceVersionTooLarge") == true
        || Status?.Message?.Contains("Too large resource version", StringComparison.Ordinal) == true;
}
