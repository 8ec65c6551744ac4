using System.Globalization;
using System.Text.Json;

namespace AiDc.Gateway.Protocol;

/// <summary>Answers of the gateway's own: JSON as in the Open Inference Protocol, or a status of gRPC.</summary>
internal static class Answers
{
    /// <param name="notProcessed">No replica has seen the request: whoever sent it here may send it elsewhere.</param>
    public static Task WriteAsync(HttpContext context, int status, string problem, bool notProcessed = true, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        if (response.HasStarted) return Task.CompletedTask;
        if (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads it; but what is counted must not be the 200 that a response begins with.
            response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return Task.CompletedTask;
        }
        response.Clear();
        if (notProcessed && status is StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError)
            response.Headers[GatewayHeaders.NotProcessed] = "true";
        if (retryAfter is { } after)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        return GrpcCall.Is(context.Request) ? WriteGrpcAsync(response, status, problem) : WriteJsonAsync(context, status, problem);
    }

    private static Task WriteJsonAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["error"] = problem });
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    /// <summary>A response of trailers only: they stand in its head (gRPC over HTTP/2, Responses).</summary>
    private static Task WriteGrpcAsync(HttpResponse response, int status, string problem)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = GrpcCall.ContentType;
        response.Headers[GatewayHeaders.GrpcStatus] = GrpcStatusOf(status).ToString(CultureInfo.InvariantCulture);
        response.Headers[GatewayHeaders.GrpcMessage] = Uri.EscapeDataString(problem);
        return response.CompleteAsync();
    }

    private static int GrpcStatusOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => 13,
        StatusCodes.Status401Unauthorized => 16,
        StatusCodes.Status404NotFound => 5,
        StatusCodes.Status429TooManyRequests => 8,
        StatusCodes.Status408RequestTimeout or StatusCodes.Status504GatewayTimeout => 4,
        _ => 14,
    };
}
