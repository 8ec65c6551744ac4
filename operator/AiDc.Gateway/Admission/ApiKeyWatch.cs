using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Admission;

/// <summary>
/// Watches the Secrets that may hold API keys: those of the names that the gateway is configured for, in all namespaces. Its rights end
/// there, as RBAC can bind a watch to names and to nothing else; no other Secret of the cluster is within its reach.
/// </summary>
internal sealed class ApiKeyWatch : BackgroundService, IHealthCheck
{
    private readonly Dictionary<string, ResourceInformer<KeySecret>> informers;

    public ApiKeyWatch(
        IOptions<GatewayOptions> options, IOptions<KubernetesOperatorOptions> runtime, KubernetesApiClient client, InformerTiming timing,
        RuntimeMetrics metrics, TimeProvider clock, Jitter jitter, ILogger<ResourceInformer<KeySecret>> logger) =>
        informers = options.Value.ApiKeySecrets.ToDictionary(name => name, name => new ResourceInformer<KeySecret>(
            new() { FieldSelector = $"metadata.name={name}", Namespace = runtime.Value.WatchNamespace }, timing, client, metrics, clock, jitter, logger));

    /// <returns>The keys; null with the reason where they are not known: then nobody may call.</returns>
    public (IReadOnlyList<ApiKey>? Keys, string? Problem) Of(string? ns, string secret)
    {
        if (!informers.TryGetValue(secret, out var informer))
            return (null, $"this gateway may not read Secret {secret}: name it as one of {string.Join(", ", informers.Keys)}, or add it to gateway.apiKeySecrets");
        if (!informer.HasSynced) return (null, "the API keys are not read yet");
        return informer.Get(new(ns, secret))?.Keys is { Count: > 0 } keys ? (keys, null) : (null, $"Secret {secret} with the API keys is missing or empty");
    }

    /// <summary>Whoever is led here before the keys are read would be refused.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(informers.Values.All(i => i.HasSynced) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the API keys are not read yet"));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(informers.Values.Select(i => i.RunAsync(stoppingToken)));
}
