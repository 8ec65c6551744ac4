using System.Diagnostics;
using System.Globalization;
using AiDc.ControllerRuntime;
using AiDc.Gateway.Attempts;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Observability;

/// <summary>
/// One request's place in its trace (W3C Trace Context). Where traces are recorded the gateway adds a span for the request and one for
/// each attempt; where not, the caller's context is passed on, or one is made, so that logs can be told together all the same.
/// </summary>
internal sealed class TraceContext : IDisposable
{
    /// <summary>What the exporter listens to.</summary>
    public const string SourceName = "AiDc.Gateway";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity? request;
    private readonly string? made;
    private Activity? attempt;

    public TraceContext(HttpContext context)
    {
        var incoming = context.Request.Headers[GatewayHeaders.TraceParent].ToString();
        var known = ActivityContext.TryParse(incoming, context.Request.Headers["tracestate"], isRemote: true, out var parent);
        if (Source.HasListeners())
        {
            request = Source.StartActivity("gateway.request", ActivityKind.Server, parent);
            request?.SetTag("http.request.method", context.Request.Method);
        }
        if (request is null && !known) made = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00";
        TraceId = request?.TraceId.ToString() ?? (known ? parent.TraceId.ToString() : made!.Substring(3, 32));
    }

    public string TraceId { get; }

    /// <summary>The traceparent that the replica gets; null: that of the caller, as it came.</summary>
    public string? Parent => attempt?.Id ?? request?.Id ?? made;

    public void BeginAttempt(NamespacedName service, ReplicaAddress replica)
    {
        if (request is null) return;
        attempt = Source.StartActivity("gateway.attempt", ActivityKind.Client, request.Context);
        attempt?.SetTag("aidc.service", service.ToString()).SetTag("aidc.revision", replica.Revision).SetTag("k8s.pod.name", replica.Pod.Name);
    }

    public void EndAttempt(AttemptEnd end)
    {
        if (attempt is null) return;
        attempt.SetTag("aidc.attempt.end", end.ToString());
        if (end != AttemptEnd.Answered) attempt.SetStatus(ActivityStatusCode.Error, end.ToString());
        attempt.Dispose();
        attempt = null;
    }

    public void End(int status)
    {
        if (request is null) return;
        request.SetTag("http.response.status_code", status.ToString(CultureInfo.InvariantCulture));
        if (status >= 500) request.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose()
    {
        attempt?.Dispose();
        request?.Dispose();
    }
}
