namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// Decides how many replicas a service has. Pure: the same calls give the same answers. Demand is what comes times how long it takes, so
/// that a queue does not look like load. Two windows look at it: the long one keeps the replicas that would have sufficed for nearly all of the
/// last minutes, the short one answers at once to what is more than that. docs/decisions/0012-autoscaler.md says why, and what was measured.
/// </summary>
public static class Autoscaler
{
    /// <param name="state">That of the call before, or <see cref="AutoscalerState.Begin"/>.</param>
    /// <param name="now">No earlier than in the call before; an earlier one counts as the same moment.</param>
    /// <returns>What to hand to the next call, and the replicas that there are to be, within the service's bounds.</returns>
    public static (AutoscalerState State, ScaleDecision Decision) Decide(AutoscalerState state, AutoscalerInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(input);
        var next = input.Sample is { IsSound: true } sample ? Learning.From(state, input, sample, now) : state;
        // What has not served yet has not been idle: a model that loads for longer than idleAfter would never come up.
        if (input.Ready == 0 && input.Starting > 0 && now > next.LastRequest) next = next with { LastRequest = now };
        var decision = Choose(next, input, now);
        // Who has gone to zero has no replicas of before that need keeping.
        var floor = decision.Replicas == 0 ? 0 : next.Floor;
        return (next with { Replicas = decision.Replicas, Floor = floor }, decision);
    }

    private static ScaleDecision Choose(AutoscalerState state, AutoscalerInput input, DateTimeOffset now)
    {
        var settings = input.Settings;
        if (settings.Pinned is { } pinned)
            return new(Math.Max(0, pinned), "scaling.replicas says so");
        if (input.Sample is not { IsSound: true } sample)
            return Within(settings, new(state.Replicas, "the load is not known: nothing is changed"));
        if (settings.Min == 0 && !sample.HasRequests && now - state.LastRequest >= settings.IdleAfter)
            return new(0, $"no request for {settings.IdleAfter.TotalSeconds:0.#} s");
        return Within(settings, AtLeastFloor(state, Needed(state, input, sample)));
    }

    /// <summary>The most that any of the reasons asks for; on a tie the first is named.</summary>
    private static ScaleDecision Needed(AutoscalerState state, AutoscalerInput input, LoadSample sample)
    {
        var one = new ScaleDecision(1, sample.Waiting > 0 && input.Ready + input.Starting == 0 ? "a request waits and there was no replica"
            : input.Settings.Min == 0 ? "the last replica stays until the service is idle" : "one replica is enough");
        var kept = new ScaleDecision(state.Kept.Replicas, $"{state.Kept.Replicas} were enough for {1 - input.Settings.Times.Tail:P1} of the last minutes");
        var held = new ScaleDecision(state.Held, Reaction.Why(state, input, sample));
        return new[] { one, held, kept }.MaxBy(d => d.Replicas)!;
    }

    private static ScaleDecision AtLeastFloor(AutoscalerState state, ScaleDecision decision) =>
        state.HasHistory || decision.Replicas >= state.Floor
            ? decision
            : new(state.Floor, $"{state.Observed:0} s of history are too few to give up replicas");

    private static ScaleDecision Within(ScalingSettings settings, ScaleDecision decision)
    {
        if (decision.Replicas < settings.Min)
            return new(settings.Min, "scaling.min");
        return decision.Replicas > settings.Max ? new(settings.Max, $"scaling.max; {decision.Replicas} are needed: {decision.Why}") : decision;
    }
}
