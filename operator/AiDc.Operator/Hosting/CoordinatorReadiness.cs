using AiDc.Operator.Coordination.Trust;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiDc.Operator.Hosting;

/// <summary>Ready once workers can be answered over TLS, on the leader and on standbys alike.</summary>
internal sealed class CoordinatorReadiness(CoordinatorTrust trust) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trust.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the certificate authority is not read yet"));
}
