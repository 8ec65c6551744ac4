using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

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

/// <summary>
/// Alive: every informer has heard of the server not long ago (a watch ends after 10.5 minutes at the latest), and no
/// reconcile runs far beyond its time-out.
/// </summary>
internal sealed class LivenessCheck(
    IEnumerable<IInformer> informers, IEnumerable<Controller> controllers, IOptions<KubernetesOperatorOptions> options, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Overdue = TimeSpan.FromMinutes(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var problems = informers
            .Where(i => i.LastContact is { } contact && now - contact > options.Value.LivenessTimeout)
            .Select(i => $"nothing heard of {i.Resource} for {now - i.LastContact}: {i.LastError}")
            .Concat(controllers.Where(c => c.LongestRunning > c.Timeout + Overdue).Select(c => $"a reconcile of {c.Name} runs for {c.LongestRunning}"))
            .ToList();
        return Task.FromResult(problems.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", problems)));
    }
}

/// <summary>Ready: all caches are complete. Leading is not asked for: standbys are ready too.</summary>
internal sealed class ReadinessCheck(IEnumerable<IInformer> informers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = informers.Where(i => !i.HasSynced).Select(i => $"{i.Resource}: {i.LastError ?? "first list under way"}").ToList();
        return Task.FromResult(missing.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", missing)));
    }
}
