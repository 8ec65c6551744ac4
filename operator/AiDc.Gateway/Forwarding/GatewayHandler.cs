using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Gateway.Admission;
using AiDc.Gateway.Hosting;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Routing;
using AiDc.Gateway.Services;

namespace AiDc.Gateway.Forwarding;

/// <summary>Everything that happens to a request: which service it is for, whether it may pass, its way to a replica, and what is told of it.</summary>
internal sealed class GatewayHandler(
    TargetParser parser, ServiceTable table, IStore<InferenceService> services, Admissions admissions, RequestForwarder forwarder, GatewayMetrics metrics,
    AccessLog log, Drain drain, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context)
    {
        var start = clock.GetTimestamp();
        drain.Tell(context);
        var target = parser.Parse(context.Request.Headers[GatewayHeaders.Service], context.Request.Host, context.Request.Path);
        var service = target is { } named ? table.Find(named.Service) : null;
        if (service?.Config is not { } config)
        {
            await NotFoundAsync(context, target);
            metrics.Requested(null, context.Response.StatusCode, clock.GetElapsedTime(start), TimeSpan.Zero);
            return;
        }
        using var trace = new TraceContext(context);
        using var exchange = new Exchange(context, service, config, target!.Value.Path, trace, clock, start);
        var client = "";
        try
        {
            if (await admissions.AdmitAsync(context, service, config) is not { } admitted) return;
            client = admitted;
            service.Dispatcher.Arrived();
            await forwarder.ForwardAsync(exchange);
        }
        finally
        {
            var took = clock.GetElapsedTime(start);
            metrics.Requested(config.Name, context.Response.StatusCode, took, exchange.Waited);
            trace.End(context.Response.StatusCode);
            if (log.Takes())
                log.Write(context, new(config.Name, exchange.Replica?.Address.Revision, exchange.Replica?.Address.Pod.Name, client, took, exchange.Waited,
                    exchange.Attempts, trace.TraceId));
        }
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
