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
