using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using AiDc.Gateway.Protocol;

namespace AiDc.Gateway.Attempts;

/// <summary>What the head of a replica's answer says about the replica.</summary>
internal static class Refusals
{
    private const int DeadlineExceeded = 4;
    private const int ResourceExhausted = 8;

    /// <returns>How the attempt ended, where the replica says that it did not process the request; else null.</returns>
    public static AttemptEnd? Of(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.Contains(GatewayHeaders.NotProcessed)) return null;
        return response.StatusCode == HttpStatusCode.TooManyRequests || GrpcStatus(response.Headers) == ResourceExhausted ? AttemptEnd.Full : AttemptEnd.Draining;
    }

    /// <summary>5xx, or of gRPC: unknown, deadline exceeded, internal, unavailable, data loss.</summary>
    /// <param name="fields">The headers or the trailers.</param>
    /// <param name="isImpatient">The caller set a deadline that is shorter than the service's: that it was not kept is nobody's error.</param>
    public static bool IsError(HttpResponseMessage response, HttpResponseHeaders fields, bool isImpatient) => response.StatusCode == HttpStatusCode.GatewayTimeout
        ? !isImpatient
        : (int)response.StatusCode >= 500 || GrpcStatus(fields) is 2 or 13 or 14 or 15 || (GrpcStatus(fields) == DeadlineExceeded && !isImpatient);

    private static int? GrpcStatus(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(GatewayHeaders.GrpcStatus, out var values)) return null;
        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
    }
}
