using System.Diagnostics.Metrics;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Serving;

/// <summary>What an SRE of served models wants to know of the control plane, as instruments. Times are seconds; no service, pod or node is a label.</summary>
public sealed class ServingMetrics
{
    private static readonly string[] Phases =
    [
        InferenceServicePhase.Pending, InferenceServicePhase.Loading, InferenceServicePhase.Ready, InferenceServicePhase.Idle,
        InferenceServicePhase.Degraded, InferenceServicePhase.Failed,
    ];

    private static readonly InstrumentAdvice<double> Waits = new()
    {
        HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800],
    };

    private readonly Counter<long> canaries;
    private readonly Counter<long> scalings;
    private readonly Counter<long> lost;
    private readonly Histogram<double> applyToReady;

    public ServingMetrics(IMeterFactory meters, IStore<InferenceService> services, Func<int>? gateways = null, string meterName = "aidc")
    {
        var meter = meters.Create(meterName);
        canaries = meter.CreateCounter<long>("serving_canaries_total", null, "Canaries that ended, by verdict.");
        scalings = meter.CreateCounter<long>("serving_scalings_total", null, "Changes of the number of replicas of a service, by direction.");
        lost = meter.CreateCounter<long>("serving_pods_lost_total", null, "Replicas taken from the API because their node was lost.");
        applyToReady = meter.CreateHistogram(
            "serving_apply_to_ready_seconds", "s", "Time from a service's creation until a replica answered for the first time.", null, Waits);
        meter.CreateObservableGauge("inference_services", () => ByPhase(services.List()), null, "Inference services by phase.");
        meter.CreateObservableGauge("serving_replicas_ready", () => services.List().Sum(s => s.Status.Replicas?.Ready ?? 0), null, "Replicas that answer, of all services.");
        meter.CreateObservableGauge("serving_replicas_desired", () => services.List().Sum(s => s.Status.Replicas?.Desired ?? 0), null, "Replicas that all services are to have.");
        if (gateways is not null) meter.CreateObservableGauge("serving_gateways", gateways, null, "Gateways that tell this replica their load.");
        foreach (var verdict in (string[])[CanaryVerdict.Promoted, CanaryVerdict.RolledBack]) canaries.Add(0, Label("verdict", verdict));
        foreach (var direction in (string[])["up", "down"]) scalings.Add(0, Label("direction", direction));
        lost.Add(0);
    }

    /// <summary>Counts what a written status says that the one before did not.</summary>
    public void Changed(InferenceService service, InferenceServiceStatus after)
    {
        var before = service.Status;
        if (after.Canary is { Verdict: CanaryVerdict.Promoted or CanaryVerdict.RolledBack } canary
            && (before.Canary?.Revision, before.Canary?.Verdict) != (canary.Revision, canary.Verdict))
            canaries.Add(1, Label("verdict", canary.Verdict));
        if (after.Decisions is [var decision, ..] && (before.Decisions is not [var known, ..] || known != decision))
            scalings.Add(1, Label("direction", decision.To > decision.From ? "up" : "down"));
        if (after.Replicas?.Ready > 0 && !HasBeenReady(before) && service.Metadata.CreationTimestamp is { } created && after.Conditions.FirstOrDefault(c => c.Type == Api.ConditionTypes.Ready)?.LastTransitionTime is { } at)
            applyToReady.Record(Math.Max(0, (Times.Utc(at) - Times.Utc(created)).TotalSeconds));
    }

    public void PodLost() => lost.Add(1);

    /// <summary>A service that goes from zero and back is not applied anew.</summary>
    private static bool HasBeenReady(InferenceServiceStatus status) =>
        status.Replicas?.Ready > 0 || status.Phase == InferenceServicePhase.Idle || status.Decisions.Count > 1;

    private static KeyValuePair<string, object?> Label(string name, string? value) => new(name, value);

    private static IEnumerable<Measurement<long>> ByPhase(IReadOnlyList<InferenceService> services)
    {
        var counts = services.CountBy(s => s.Status.Phase).ToDictionary();
        return Phases.Select(phase => new Measurement<long>(counts.GetValueOrDefault(phase), Label("phase", phase)));
    }
}
