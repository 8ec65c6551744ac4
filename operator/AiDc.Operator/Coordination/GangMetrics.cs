using System.Diagnostics.Metrics;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination;

/// <summary>How gangs that train together fare, as instruments. No job, pod or node is a label.</summary>
internal sealed class GangMetrics
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 20, 30, 60, 120, 600],
    };

    private readonly Meter meter;
    private readonly Counter<long> generations;
    private readonly Counter<long> evictions;
    private readonly Counter<long> holds;
    private readonly Histogram<double> lossToStart;
    private readonly Histogram<double> lossToStep;

    public GangMetrics(IMeterFactory factory)
    {
        meter = factory.Create(KubernetesOperatorOptions.DefaultMeterName);
        generations = meter.CreateCounter<long>("training_generations_total", null, "Generations formed, by cause.");
        evictions = meter.CreateCounter<long>("training_evictions_total", null, "Members that left a generation, by reason.");
        holds = meter.CreateCounter<long>("training_holds_total", null, "Times that too few workers lived to train.");
        lossToStart = meter.CreateHistogram("training_loss_to_start_seconds", "s", "From the eviction of a lost member to the start of the next group.", [], Seconds);
        lossToStep = meter.CreateHistogram("training_loss_to_step_seconds", "s", "From the eviction of a lost member to the first step after it.", [], Seconds);
        foreach (var cause in Enum.GetValues<FormationCause>().Where(c => c != FormationCause.None))
            generations.Add(0, Label("cause", cause));
        foreach (var reason in Enum.GetValues<EvictionReason>())
            evictions.Add(0, Label("reason", reason));
        holds.Add(0);
    }

    /// <param name="count">How many streams of members are open.</param>
    public void Gauge(Func<long> count) =>
        meter.CreateObservableGauge("training_gang_sessions", count, null, "Streams of workers that train together.");

    public void Decided(MembershipDecision decision)
    {
        if (decision.Change == MembershipChange.Form)
            generations.Add(1, Label("cause", decision.Cause));
        else if (decision.Change == MembershipChange.Hold)
            holds.Add(1);
        foreach (var eviction in decision.Evicted)
            if (eviction.WasMember)
                evictions.Add(1, Label("reason", eviction.Reason));
    }

    public void StartedAfter(TimeSpan time) => lossToStart.Record(time.TotalSeconds);

    public void SteppedAfter(TimeSpan time) => lossToStep.Record(time.TotalSeconds);

    private static KeyValuePair<string, object?> Label<T>(string name, T value) where T : struct, Enum => new(name, value.ToString());
}
