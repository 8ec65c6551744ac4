namespace AiDc.Benchmarks.Chaos;

/// <summary>What chaos does to a cluster in which a training runs.</summary>
internal enum Disturbance
{
    /// <summary>A worker's processes are killed.</summary>
    KillWorker,

    /// <summary>A worker's processes stand still for a while, as on a machine that swaps.</summary>
    PauseWorker,

    /// <summary>A node's link is down for a while.</summary>
    CutLink,

    /// <summary>A node's packets vanish for a while.</summary>
    DropPackets,

    /// <summary>A node loses its power and comes back.</summary>
    PowerCut,

    /// <summary>A node's packets are late for a while.</summary>
    DelayPackets,

    /// <summary>The operator's leader is killed.</summary>
    KillLeader,
}
