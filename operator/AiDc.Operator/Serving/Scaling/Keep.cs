namespace AiDc.Operator.Serving.Scaling;

/// <summary>The long window: the replicas that suffice for nearly all of the remembered time.</summary>
/// <param name="Replicas">How many.</param>
/// <param name="BelowSince">Since when fewer have sufficed without a pause.</param>
/// <param name="BelowMost">The most that sufficed since then.</param>
public sealed record Keep(int Replicas, DateTimeOffset? BelowSince = null, int BelowMost = 0)
{
    public static Keep None { get; } = new(0);

    /// <param name="capacity">Demand that one replica takes on.</param>
    /// <param name="isSettled">Whether the history is long: then one more has to be worth it more clearly, so that a constant load comes to rest.</param>
    public Keep Next(DemandHistogram history, double capacity, int max, bool isSettled, DateTimeOffset now, ScalingTimes? tuned = null)
    {
        var times = tuned ?? ScalingTimes.Default;
        var replicas = Math.Clamp(Replicas, 0, max);
        var most = times.Tail * (isSettled ? times.Clarity : 1);
        while (replicas < max && history.ShareAbove(replicas * capacity) > most)
            replicas++;
        var below = replicas;
        while (below > 0 && history.ShareAbove((below - 1) * capacity) <= times.Tail / times.Hysteresis)
            below--;
        if (below == replicas)
            return new(replicas);
        var (since, sufficed) = BelowSince is { } begun ? (begun, Math.Max(BelowMost, below)) : (now, below);
        return (now - since).TotalSeconds >= times.Stabilization ? new(Math.Min(sufficed, replicas)) : new(replicas, since, sufficed);
    }
}
