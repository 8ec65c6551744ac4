using AiDc.ControllerRuntime.Caching;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Ready: all caches are complete. Leading is not asked for: standbys are ready too.</summary>
internal sealed class ReadinessCheck(IEnumerable<IInformer> informers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = informers.Where(i => !i.HasSynced).Select(i => $"{i.Resource}: {i.LastError ?? "first list under way"}").ToList();
        return Task.FromResult(missing.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", missing)));
    }
}
