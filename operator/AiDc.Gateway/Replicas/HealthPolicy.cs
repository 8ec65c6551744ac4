namespace AiDc.Gateway.Replicas;

/// <summary>
/// In after one good answer; out after one failure to connect, one refusal of a request, or two bad answers in a row. One alone is a
/// replica that was busy for a second: taking it out would only make the others busier.
/// </summary>
internal static class HealthPolicy
{
    public const int BadAnswersAllowed = 1;

    public static ReplicaHealth Next(ReplicaHealth before, ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Good => new(true, 0, outcome),
        ProbeOutcome.Unreachable or ProbeOutcome.Broken or ProbeOutcome.Draining => new(false, before.BadAnswers + 1, outcome),
        _ => new(before.IsIn && before.BadAnswers < BadAnswersAllowed, before.BadAnswers + 1, outcome),
    };

    /// <summary>
    /// Whether requests that wait for its answers should go elsewhere. Of a dead node nothing comes back; a process that only hangs may come
    /// round, so it is left only where there is another.
    /// </summary>
    public static bool IsLost(ReplicaHealth health, bool othersUsable) => !health.IsIn
        && (health.Last == ProbeOutcome.Unreachable || (health.Last == ProbeOutcome.Slow && othersUsable));
}

/// <summary>Whether a replica gets requests, and how it came to that.</summary>
/// <param name="BadAnswers">Probes in a row that were answered badly or too late.</param>
/// <param name="Last">Null before the first probe.</param>
internal readonly record struct ReplicaHealth(bool IsIn, int BadAnswers, ProbeOutcome? Last)
{
    public static readonly ReplicaHealth Unknown = new(false, 0, null);

    /// <summary>Nothing at all is heard of it, although it may have been well a moment ago.</summary>
    public bool IsSilent => !IsIn && Last is ProbeOutcome.Slow or ProbeOutcome.Unreachable or ProbeOutcome.Broken;
}

/// <summary>What a probe, or a request in its place, found out about a replica.</summary>
internal enum ProbeOutcome
{
    /// <summary>It says that it is ready.</summary>
    Good,

    /// <summary>It answers that it is not ready.</summary>
    NotReady,

    /// <summary>It accepts connections and does not answer in time: busy, or stopped.</summary>
    Slow,

    /// <summary>It cannot be connected to.</summary>
    Unreachable,

    /// <summary>The connection of a request could not be made, or broke. Whether the replica lives, the next probe says.</summary>
    Broken,

    /// <summary>It refused a request because it is about to end.</summary>
    Draining,

    /// <summary>It answers its probes, and fails requests that others of its revision do not.</summary>
    Failing,
}
