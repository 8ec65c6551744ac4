using System.Globalization;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Options;
using AiDc.Trainer.Serving.Rpc;
using AiDc.Trainer.Serving.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Trainer.Serving.Pipeline;

/// <summary>
/// Around every request: lets inference requests in, or refuses them; gives them their deadline; answers what goes wrong in the protocol's
/// words; counts and logs what came of them.
/// </summary>
internal sealed class RequestPipeline(
    AdmissionGate gate, MemoryBudget budget, ServeOptions options, ServerMetrics metrics, RequestLog log, FailureLog failures, TimeProvider time)
{
    private const string LoadHeader = "aidc-queue";

    private readonly ServerMetrics _metrics = metrics;
    private volatile bool _draining;

    /// <summary>Asks clients to open no more requests on connections that are about to close.</summary>
    public void StartDraining() => _draining = true;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state =>
        {
            var (self, response) = ((RequestPipeline, HttpResponse))state;
            response.Headers[LoadHeader] = self._metrics.QueueLength().ToString(CultureInfo.InvariantCulture);
            // HTTP/2 has no such header, and says so itself when the server ends.
            if (self._draining && response.HttpContext.Request.Protocol != HttpProtocol.Http2) response.Headers.Connection = "close";
            return Task.CompletedTask;
        }, (this, context.Response));
        return context.GetEndpoint()?.Metadata.GetMetadata<InferenceRoute>() is { } route ? InferAsync(context, next, route.Protocol) : AnswerAsync(context, next);
    }

    private async Task InferAsync(HttpContext context, RequestDelegate next, WireProtocol protocol)
    {
        using var scope = new RequestScope(context, gate, budget, protocol, time.GetTimestamp());
        context.Features.Set(scope);
        // RequestBody holds it to the limit. Kestrel's own closes the connection on a client that still sends, which then never reads why.
        if (protocol != WireProtocol.Grpc && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        scope.Sampled = log.Samples();
        scope.WantsPayloads = scope.Sampled && options.RequestLogPayloads;
        using var activity = Tracing.Start(context.Request, protocol);
        int code;
        try
        {
            scope.Limit(Deadlines.Of(context.Request.Headers, options.Timeout), time);
            gate.CheckRoom();
            if (protocol == WireProtocol.Grpc) await CallAsync(context, next);
            else await next(context);
            if (scope.CutOff) code = ServingError.DeadlineExceeded.HttpStatus();
            else code = protocol == WireProtocol.Grpc ? GrpcCode(context) : context.Response.StatusCode;
        }
#pragma warning disable CA1031 // Whatever happens in a request, it is answered, and the server goes on.
        catch (Exception error)
        {
            code = await FailAsync(context, error, scope);
            if (scope.CutOff) code = ServingError.DeadlineExceeded.HttpStatus();
        }
#pragma warning restore CA1031
        var elapsed = time.GetElapsedTime(scope.Started);
        _metrics.Answered(code, elapsed);
        Tracing.Finish(activity, scope, code, time);
        if (scope.Sampled) log.Write(scope, code, elapsed);
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (IsGrpc(context)) await CallAsync(context, next);
            else await next(context);
            // The router's own answers have no body.
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null } response && !IsGrpc(context))
                await ErrorReply.WriteAsync(response, Describe(context));
        }
#pragma warning disable CA1031 // As above.
        catch (Exception error)
        {
            await FailAsync(context, error, scope: null);
        }
#pragma warning restore CA1031
    }

    /// <summary>A call of gRPC: its messages are read within the budget, whatever the method.</summary>
    private async Task CallAsync(HttpContext context, RequestDelegate next)
    {
        using var body = new BudgetedReader(context.Request.BodyReader, budget);
        context.Features.Set<IRequestBodyPipeFeature>(body.AsCurrent());
        await next(context);
        // A single answer is left for the end of the response to send: by then nothing would hold it to the deadline.
        if (context.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: > 0 } answer) await answer.FlushAsync(CancellationToken.None);
    }

    /// <returns>The code under which the request is counted.</returns>
    private async Task<int> FailAsync(HttpContext context, Exception error, RequestScope? scope)
    {
        var fault = Faults.Of(error, scope);
        if (fault.Error == ServingError.ModelFailed) failures.Write(fault, context.Request.Path);
        if (scope is not null) scope.Error = fault.Message;
        if (fault.Error == ServingError.ClientLeft) return fault.Error.HttpStatus();
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return fault.Error.HttpStatus();
        }

        try
        {
            if (IsGrpc(context)) ErrorReply.WriteGrpc(context.Response, fault);
            else await ErrorReply.WriteAsync(context.Response, fault);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return ServingError.ClientLeft.HttpStatus();
        }

        return fault.Error.HttpStatus();
    }

    private static bool IsGrpc(HttpContext context) => context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    private static int GrpcCode(HttpContext context)
    {
        var text = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers[ErrorReply.GrpcStatusHeader].ToString();
        if (string.IsNullOrEmpty(text)) text = context.Response.Headers[ErrorReply.GrpcStatusHeader].ToString();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? ((StatusCode)status).HttpStatus() : context.Response.StatusCode;
    }

    private static string Describe(HttpContext context) => context.Response.StatusCode switch
    {
        404 => $"there is no {context.Request.Method} {context.Request.Path}",
        405 => $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}",
        var code => $"HTTP status {code}",
    };
}
