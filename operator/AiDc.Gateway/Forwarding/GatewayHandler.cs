using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Gateway.Admission;
using AiDc.Gateway.Bodies;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Routing;
using AiDc.Gateway.Services;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Gateway.Forwarding;

/// <summary>Everything that happens to a request: which service it is for, whether it may pass, its way to a replica, and what is told of it.</summary>
internal sealed class GatewayHandler(
    TargetParser parser, ServiceTable table, IStore<InferenceService> services, Admissions admissions, BodyIntake intake, BodyBudget bodies,
    RequestForwarder forwarder, GatewayMetrics metrics, AccessLog log, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context)
    {
        var start = clock.GetTimestamp();
        var target = TargetOf(context);
        var service = target is { } named ? table.Find(named.Service) : null;
        if (service?.Config is not { } config)
        {
            await NotFoundAsync(context, target);
            metrics.Requested(null, context.Response.StatusCode, clock.GetElapsedTime(start), TimeSpan.Zero);
            return;
        }
        using var trace = new TraceContext(context);
        using var exchange = new Exchange(context, service, config, target!.Value.Path, trace, bodies, clock, start);
        var client = "";
        try
        {
            if (await admissions.AdmitAsync(context, service, config) is not { } admitted) return;
            client = admitted;
            service.Dispatcher.Arrived();
            if (!await intake.TakeAsync(exchange)) return;
            await forwarder.ForwardAsync(exchange);
            await exchange.SettleAsync();
        }
        finally
        {
            var took = clock.GetElapsedTime(start);
            metrics.Requested(config.Name, exchange.Status, took, exchange.Waited);
            trace.End(exchange.Status);
            if (log.Takes())
            {
                var replica = exchange.Attempt?.Replica?.Address;
                log.Write(context, new(config.Name, replica?.Revision, replica?.Pod.Name, client, exchange.Status, took, exchange.Waited, exchange.Attempts, trace.TraceId));
            }
        }
    }

    private RequestTarget? TargetOf(HttpContext context)
    {
        var request = context.Request;
        if (RawTarget.PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } path) return null;
        // A path may be written with escapes that it does not need; it names the same service.
        if (!path.StartsWith(TargetParser.Namespaces, StringComparison.Ordinal) && request.Path.Value?.StartsWith(TargetParser.Namespaces, StringComparison.Ordinal) == true)
            path = RawTarget.WithoutNeedlessEscapes(path);
        return parser.Parse(request.Headers[GatewayHeaders.Service], request.Host, path);
    }

    private Task NotFoundAsync(HttpContext context, RequestTarget? target)
    {
        if (!services.HasSynced)
        {
            metrics.Refused("starting");
            return Answers.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "this gateway does not know yet what there is", true, TimeSpan.FromSeconds(1));
        }
        metrics.Refused("unknown");
        return Answers.WriteAsync(context, StatusCodes.Status404NotFound, target is { } named
            ? $"there is no InferenceService {named.Service}"
            : "the request names no service: use the path /v1/namespaces/<namespace>/services/<name>/…, or the header aidc-service: <namespace>/<name>");
    }
}
