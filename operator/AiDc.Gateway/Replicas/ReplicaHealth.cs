namespace AiDc.Gateway.Replicas;

/// <summary>Whether a replica gets requests, and how it came to that.</summary>
/// <param name="BadAnswers">Probes in a row that were answered badly or too late.</param>
/// <param name="Last">Null before the first probe.</param>
internal readonly record struct ReplicaHealth(bool IsIn, int BadAnswers, ProbeOutcome? Last)
{
    public static readonly ReplicaHealth Unknown = new(false, 0, null);

    /// <summary>Nothing at all is heard of it, although it may have been well a moment ago.</summary>
    public bool IsSilent => !IsIn && Last is ProbeOutcome.Slow or ProbeOutcome.Unreachable or ProbeOutcome.Broken;
}
