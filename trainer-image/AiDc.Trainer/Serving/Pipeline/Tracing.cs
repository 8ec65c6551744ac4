using System.Diagnostics;
using AiDc.Trainer.Serving.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AiDc.Trainer.Serving.Pipeline;

/// <summary>Spans of requests, with one for the wait and one for the model in each. They go on from the gateway's (W3C Trace Context).</summary>
internal static class Tracing
{
    public const string SourceName = "aidc.server";

    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Sends spans where the standard variables say; without that of the endpoint there are none.</summary>
    public static void AddTracing(this IServiceCollection services, string model, Func<string, string?> environment)
    {
        if (environment(EndpointVariable) is null) return;
        services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come after it, and win.
            .ConfigureResource(resource => resource.Clear().AddService(model).AddTelemetrySdk().AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddSource(SourceName).AddOtlpExporter());
    }

    /// <returns>Null when nobody listens.</returns>
    public static Activity? Start(HttpRequest request, WireProtocol protocol)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent);
        return Source.StartActivity($"infer {protocol.ToString().ToLowerInvariant()}", ActivityKind.Server, parent);
    }

    public static void Finish(Activity? activity, RequestScope scope, int code, TimeProvider time)
    {
        if (activity is null) return;
        activity.SetTag("http.response.status_code", code);
        if (scope.Error is { } error) activity.SetTag("error.message", error);
        if (code >= 500) activity.SetStatus(ActivityStatusCode.Error, scope.Error);
        if (scope.Outcome is not { } outcome || !activity.IsAllDataRequested) return;
        activity.SetTag("aidc.batch_size", outcome.BatchRows);
        var answered = time.GetElapsedTime(outcome.Ended);
        var computed = activity.StartTimeUtc + (time.GetElapsedTime(scope.Started) - answered);
        var started = computed - time.GetElapsedTime(0, outcome.ComputeTicks);
        Part("queue", started - time.GetElapsedTime(0, outcome.QueueTicks), started);
        Part("compute", started, computed);

        void Part(string name, DateTime from, DateTime to)
        {
            using var part = Source.StartActivity(name, ActivityKind.Internal, activity.Context, startTime: from);
            part?.SetEndTime(to);
        }
    }
}
