namespace AiDc.Trainer.Distributed;

/// <summary>What the training thread does next.</summary>
internal abstract record NextGroup
{
    private NextGroup() { }

    /// <summary>Trains in this group.</summary>
    internal sealed record Train(RankGroup Group) : NextGroup;

    /// <summary>Ends, as it was asked to.</summary>
    /// <param name="WritesCheckpoint">It is the one that leaves the state behind.</param>
    internal sealed record Leave(bool WritesCheckpoint) : NextGroup;
}
