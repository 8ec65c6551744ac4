using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiDc.ControllerRuntime.Hosting;

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
