using System.Globalization;
using System.Text;
using System.Text.Json;
using AiDc.Trainer.Serving.Errors;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Pipeline;

/// <summary>Errors as the protocols want them.</summary>
internal static class ErrorReply
{
    public const string GrpcStatusHeader = "grpc-status";

    private const string RetryAfterSeconds = "1";

    /// <summary>{"error": "..."}, for both REST protocols.</summary>
    public static async Task WriteAsync(HttpResponse response, ServingException error)
    {
        response.Clear();
        response.StatusCode = error.Error.HttpStatus();
        if (error.Error.NotProcessed()) response.Headers[ServingErrors.NotProcessedHeader] = "true";
        if (error.Error.Passes()) response.Headers.RetryAfter = RetryAfterSeconds;
        await WriteAsync(response, error.Message);
    }

    /// <summary>A body for a status that is set already.</summary>
    public static async Task WriteAsync(HttpResponse response, string message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { Error = message }, Json.Line);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, response.HttpContext.RequestAborted);
    }

    /// <summary>A response of gRPC that has nothing but a status: the trailers come as headers.</summary>
    public static void WriteGrpc(HttpResponse response, ServingException error)
    {
        response.Clear();
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers[GrpcStatusHeader] = ((int)error.Error.GrpcStatus()).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = PercentEncode(error.Message);
        if (error.Error.NotProcessed()) response.Headers[ServingErrors.NotProcessedHeader] = "true";
    }

    /// <summary>As gRPC over HTTP/2 wants it: printable ASCII but for %.</summary>
    private static string PercentEncode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var c in Encoding.UTF8.GetBytes(message))
        {
            if (c is >= 0x20 and <= 0x7E and not (byte)'%') text.Append((char)c);
            else text.Append(CultureInfo.InvariantCulture, $"%{c:X2}");
        }

        return text.ToString();
    }
}
