using AiDc.Operator.Serving.Scaling;

namespace AiDc.Benchmarks.Autoscaling.Simulation;

/// <summary>The operator's own autoscaler, the very class that the operator runs, every second as there.</summary>
/// <param name="settings">The service's.</param>
/// <param name="isSilent">Whether the load is not known at a second of the trace; none: it always is.</param>
internal sealed class OperatorAutoscaler(ScalingSettings settings, Func<double, bool>? isSilent = null) : IScalingAlgorithm
{
    private readonly DateTimeOffset start = DateTimeOffset.UnixEpoch;
    private AutoscalerState? state;
    private Observation? unseen;

    public double TickSeconds => 1;

    public bool WakesAtOnce => true;

    /// <summary>What was decided at each tick.</summary>
    public List<(double At, ScaleDecision Decision)> Decisions { get; } = [];

    public int? Decide(Observation seen)
    {
        var now = start.AddSeconds(seen.Now);
        state ??= AutoscalerState.Begin(now, seen.Replicas);
        (state, var decision) = Autoscaler.Decide(
            state, new() { Settings = settings, Sample = SampleOf(seen), Ready = seen.Ready, Starting = seen.Starting }, now);
        Decisions.Add((seen.Now, decision));
        return decision.Replicas;
    }

    /// <summary>Counters go on while nobody reads them: what came in the silence is in the first sample after it.</summary>
    private LoadSample? SampleOf(Observation seen)
    {
        var whole = unseen is null
            ? seen
            : seen with
            {
                Arrivals = seen.Arrivals + unseen.Arrivals,
                Completions = seen.Completions + unseen.Completions,
                ServiceSeconds = seen.ServiceSeconds + unseen.ServiceSeconds,
            };
        if (isSilent?.Invoke(seen.Now) == true)
        {
            unseen = whole;
            return null;
        }
        unseen = null;
        return new()
        {
            InFlight = whole.InFlight,
            Waiting = whole.Queued,
            Arrivals = whole.Arrivals,
            Completions = whole.Completions,
            ServiceSeconds = whole.ServiceSeconds,
        };
    }
}
