namespace AiDc.Operator.Serving.Scaling;

/// <summary>The short window: replicas for what comes now, and for the requests that wait because more came than was kept for. Pure.</summary>
internal static class Reaction
{
    public static AutoscalerState Apply(AutoscalerState state, AutoscalerInput input, LoadSample sample, DateTimeOffset now)
    {
        var waits = Waiting(state, input, sample) > 0;
        state = state with { WaitingSince = waits ? state.WaitingSince ?? now : null };
        var needed = IsMoreThanChance(state, input.Settings.Times, now) ? Needed(state, input, sample) : 0;
        // What is starting is not given up again before it has served: the next burst would find it starting from the beginning.
        if (needed >= state.Held || now >= state.HeldUntil)
            return state with { Held = needed, HeldUntil = now.AddSeconds(input.Settings.Times.Hold) };
        return state;
    }

    public static string Why(AutoscalerState state, AutoscalerInput input, LoadSample sample)
    {
        var capacity = Learning.CapacityOf(state, input.Settings);
        var unit = Learning.IsRate(input.Settings) ? "requests/s" : "requests at once";
        var waiting = Waiting(state, input, sample);
        var demand = Math.Max(Present(state, waiting), Coming(state, input.Settings));
        return $"a demand of {demand:0.#} {unit}, {capacity:0.#} a replica, and {waiting:0} waiting";
    }

    private static int Needed(AutoscalerState state, AutoscalerInput input, LoadSample sample)
    {
        var settings = input.Settings;
        var waiting = Waiting(state, input, sample);
        var demand = Math.Max(Present(state, waiting), Coming(state, settings));
        var perWaiting = Learning.IsRate(settings) ? 1 : state.Estimate.ServiceSeconds ?? 0;
        var wanted = Math.Max(demand + (settings.Times.Margin * Math.Sqrt(demand)), demand + (waiting * perWaiting / settings.Times.Drain))
            / Learning.CapacityOf(state, settings);
        if (settings.Target.Measure == ScalingMeasure.QueueDepth)
            wanted = Math.Max(wanted, waiting / settings.Target.Value);
        return (int)Math.Clamp(Math.Ceiling(wanted - 1e-6), 0, Math.Max(settings.Max, 1) * 10.0);
    }

    /// <summary>
    /// Requests that come independently of each other at a constant rate are sometimes many at once. The queue that they make is gone before a
    /// replica has started for it, and a service whose load is constant would never come to rest.
    /// </summary>
    private static bool IsMoreThanChance(AutoscalerState state, ScalingTimes times, DateTimeOffset now) =>
        state.Observed < ScalingTimes.Young
        // The square root of a Poisson variable has a deviation of a half, also where its mean is small (Anscombe, 1948).
        || Math.Sqrt(state.Recent[^1].Demand) > Math.Sqrt(state.Mean.Value) + (times.Chance / 2)
        || (now - state.WaitingSince)?.TotalSeconds >= times.LongWait;

    /// <summary>
    /// What will be in work if requests go on to come as they do: known before it is there, as requests that take long pile up slowly. Less
    /// a deviation, so that chance alone does not look like more.
    /// </summary>
    private static double Coming(AutoscalerState state, ScalingSettings settings)
    {
        if (Learning.IsRate(settings))
            return 0;
        var expected = state.Estimate.Rate * (state.Estimate.ServiceSeconds ?? 0);
        return Math.Max(0, expected - (settings.Times.Doubt * Math.Sqrt(expected)));
    }

    /// <summary>The least of the last seconds; where requests wait it is beyond doubt that there is more than was kept for.</summary>
    private static double Present(AutoscalerState state, double waiting) => waiting > 0 ? state.Recent[^1].Demand : state.Recent.Min(r => r.Demand);

    /// <summary>Requests that wait, in a gateway or, beyond what a replica is to work on at once, in a replica.</summary>
    private static double Waiting(AutoscalerState state, AutoscalerInput input, LoadSample sample)
    {
        if (Learning.IsRate(input.Settings) || input.Settings.Target.Measure == ScalingMeasure.QueueDepth || input.Ready == 0)
            return sample.Waiting;
        return sample.Waiting + Math.Max(0, sample.InFlight - (input.Ready * Learning.CapacityOf(state, input.Settings)));
    }
}
