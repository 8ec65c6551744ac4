using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.ControllerRuntime;
using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Services;

/// <summary>Reads what a gateway needs out of an InferenceService. What is out of range there is the operator's to complain of: here it is put right.</summary>
internal static class ServiceConfigBuilder
{
    private const int LongestTrouble = 256;

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
            spec.ApiKeys?.SecretRef.Name)
        {
            Trouble = TroubleOf(service.Status),
        };
    }

    /// <summary>A service that serves has no trouble that a caller has to know of.</summary>
    private static string? TroubleOf(InferenceServiceStatus status)
    {
        if (status.Phase is InferenceServicePhase.Ready or InferenceServicePhase.Idle || string.IsNullOrWhiteSpace(status.Message)) return null;
        return status.Message.Length <= LongestTrouble ? status.Message : string.Concat(status.Message.AsSpan(0, LongestTrouble), "…");
    }
}
