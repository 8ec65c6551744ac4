namespace AiDc.Trainer.Distributed;

/// <summary>All that decides what a worker does next as a member. Immutable.</summary>
internal sealed record MemberState
{
    public MemberPhase Phase { get; init; } = MemberPhase.Preparing;

    /// <summary>The newest leadership seen; whoever has a lower one was deposed.</summary>
    public long Transitions { get; init; }

    /// <summary>The highest membership or hold accepted; 0 before the first.</summary>
    public long Generation { get; init; }

    /// <summary>Its place among the members of <see cref="Generation"/>; null: it is none.</summary>
    public int? Position { get; init; }

    /// <summary>The generation whose group the training thread is at work in, and cannot be interrupted but by aborting it; 0: it is at rest.</summary>
    public long Busy { get; init; }

    /// <summary>It holds the weights of <see cref="CommittedStep"/>.</summary>
    public bool HasState { get; init; }

    /// <summary>Optimizer steps whose update is in its weights.</summary>
    public long CommittedStep { get; init; }

    /// <summary>The generation in whose group it was last, which is whose history its weights have.</summary>
    public long StateGeneration { get; init; }

    /// <summary>Ranks whose connections closed, while broken.</summary>
    public ValueList<int> ClosedRanks { get; init; }

    /// <summary>What broke, while broken.</summary>
    public string Reason { get; init; } = "";

    /// <summary>It was asked to end.</summary>
    public bool Leaving { get; init; }

    /// <summary>While holding: this one writes the checkpoint if it is asked to end.</summary>
    public bool WritesCheckpoint { get; init; }

    public bool InGroup => Phase == MemberPhase.Training;

    public bool Prepared => Phase != MemberPhase.Preparing;
}
