namespace AiDc.Gateway.Replicas;

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
}
