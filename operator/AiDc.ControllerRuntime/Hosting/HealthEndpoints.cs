using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>What the kubelet asks: /healthz whether to restart this replica, /readyz whether to send it requests.</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", Checks(OperatorServiceCollectionExtensions.LiveTag));
        routes.MapHealthChecks("/readyz", Checks(OperatorServiceCollectionExtensions.ReadyTag));
    }

    private static HealthCheckOptions Checks(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        ResponseWriter = WriteAsync,
    };

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var failing = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description}\n");
        return context.Response.WriteAsync(report.Status == HealthStatus.Healthy ? "ok\n" : string.Concat(failing), context.RequestAborted);
    }
}
