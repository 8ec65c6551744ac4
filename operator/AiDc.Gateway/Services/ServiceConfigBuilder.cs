using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Services;

/// <summary>Reads what a gateway needs out of an InferenceService. What is out of range there is the operator's to complain of: here it is mended.</summary>
internal static class ServiceConfigBuilder
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public static ServiceConfig Build(InferenceService service)
    {
        var spec = service.Spec;
        return new(
            NamespacedName.Of(service),
            [.. service.Status.Revisions.Select(r => new RevisionWeight(r.Name, Math.Max(0, r.Weight)))],
            GoDuration.TryParse(spec.Limits.Timeout, out var timeout) && timeout > TimeSpan.Zero ? timeout : DefaultTimeout,
            Math.Max(1, spec.Limits.Concurrency),
            spec.Retry.Idempotent ?? !ServerContainer.IsOwn(spec.Template?.Value),
            spec.RateLimit is { } limit ? new(limit.RequestsPerSecond, limit.Burst, limit.PerClientRequestsPerSecond) : null,
            spec.ApiKeys?.SecretRef.Name);
    }
}
