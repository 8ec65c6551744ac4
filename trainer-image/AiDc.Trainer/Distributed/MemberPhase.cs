namespace AiDc.Trainer.Distributed;

/// <summary>Where a worker is in its life as a member of a gang.</summary>
internal enum MemberPhase
{
    /// <summary>It reads its data and builds its model.</summary>
    Preparing,

    /// <summary>It could be a member and is none.</summary>
    Idle,

    /// <summary>It has accepted a membership with itself in it and waits for the start.</summary>
    Ready,

    /// <summary>It connects to its peers and takes over the owner's state.</summary>
    Joining,

    /// <summary>It trains.</summary>
    Training,

    /// <summary>A collective failed; it waits for the next membership.</summary>
    Broken,

    /// <summary>Too few workers live: it keeps its state and waits.</summary>
    Holding,

    Exited,
}
