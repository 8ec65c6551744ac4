namespace AiDc.Operator.Serving.Scaling;

/// <summary>What a sample adds to what is known of a service. Pure.</summary>
internal static class Learning
{
    public static AutoscalerState From(AutoscalerState state, AutoscalerInput input, LoadSample sample, DateTimeOffset now)
    {
        var (settings, times) = (input.Settings, input.Settings.Times);
        if (state.Measure is { } seen && seen != settings.Target.Measure)
            state = AutoscalerState.Begin(state.SampledAt, state.Replicas) with { LastRequest = state.LastRequest };
        var elapsed = Math.Max(0, (now - state.SampledAt).TotalSeconds);
        var seconds = Math.Min(elapsed, ScalingTimes.LongestGap);
        var estimate = state.Estimate.Next(sample, elapsed, times.SeesWork);
        var demand = IsRate(settings) ? estimate.Rate : estimate.Concurrency;
        var next = state with
        {
            SampledAt = now > state.SampledAt ? now : state.SampledAt,
            LastRequest = sample.HasRequests && now > state.LastRequest ? now : state.LastRequest,
            Observed = state.Observed + seconds,
            Measure = settings.Target.Measure,
            Estimate = estimate,
            History = state.History.Add(IsRate(settings) ? demand : estimate.Peak, seconds, times.Memory),
            Capacity = settings.Target.Measure == ScalingMeasure.Latency
                ? state.Capacity.Next(sample, elapsed, input.Ready)
                : state.Capacity,
            Recent = [.. state.Recent.Where(r => (now - r.At).TotalSeconds < times.Persistence), new(now, demand)],
        };
        next = next with { Kept = state.Kept.Next(next.History, CapacityOf(next, settings), settings.Max, next.HasHistory, now, times) };
        // What is more than by chance is more than what came before it.
        return Reaction.Apply(next, input, sample, now) with { Mean = state.Mean.Add(demand, seconds, times.MeanMemory) };
    }

    /// <summary>Whether demand is requests a second, and not requests at once.</summary>
    public static bool IsRate(ScalingSettings settings) => settings.Target.Measure is ScalingMeasure.RequestsPerSecond or ScalingMeasure.Latency;

    /// <summary>Demand that one replica takes on, in the unit of the history.</summary>
    public static double CapacityOf(AutoscalerState state, ScalingSettings settings)
    {
        var capacity = settings.Target.Measure switch
        {
            ScalingMeasure.QueueDepth => settings.ReplicaLimit,
            // Before an answer was late: as many at once as gateways send to one.
            ScalingMeasure.Latency => state.Capacity.Rate ?? (settings.ReplicaLimit / (state.Estimate.ServiceSeconds ?? settings.Target.Value)),
            _ => settings.Target.Value,
        };
        return double.IsFinite(capacity) ? Math.Max(capacity, 1e-3) : 1;
    }
}
