using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>What a service's spec means to the autoscaler. Pure.</summary>
internal static class ScalingSettingsBuilder
{
    /// <returns>Null for a spec that the validator refuses: there is nothing to go by.</returns>
    public static ScalingSettings? Of(InferenceService service)
    {
        var spec = service.Spec;
        if (spec?.Scaling is not { } scaling || scaling.Min > scaling.Max || !GoDuration.TryParse(scaling.IdleAfter, out var idleAfter)) return null;
        return TargetOf(scaling.Target) is { } target
            ? new()
            {
                // Not every number in the spec is somebody's wish.
                Pinned = PinPolicy.PinnedTo(service),
                Min = scaling.Min,
                Max = scaling.Max,
                Target = target,
                IdleAfter = idleAfter,
                ReplicaLimit = spec.Limits.Concurrency,
            }
            : null;
    }

    private static ScalingTarget? TargetOf(ScalingTargetSpec target) => target switch
    {
        { RequestsPerSecond: { } rate } => new(ScalingMeasure.RequestsPerSecond, rate),
        { QueueDepth: { } depth } => new(ScalingMeasure.QueueDepth, depth),
        { Latency: { } latency } => GoDuration.TryParse(latency, out var objective) ? new(ScalingMeasure.Latency, objective.TotalSeconds) : null,
        { Concurrency: { } concurrency } => new(ScalingMeasure.Concurrency, concurrency),
        _ => new(ScalingMeasure.Concurrency, DefaultConcurrency),
    };

    private const double DefaultConcurrency = 4;
}
