using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Distributed;

/// <summary>Where the training thread gets the groups from that it trains in, one after another.</summary>
internal interface IRankGroups : IDisposable
{
    /// <summary>The data is read and the model built: this process may become a member.</summary>
    void Prepared();

    /// <summary>Waits for the next group and connects to it.</summary>
    /// <param name="position">Which state this process holds.</param>
    /// <returns>The group; or that there is nothing left to do but to leave.</returns>
    NextGroup Next(RunPosition position);

    /// <summary>This process holds the group's state: from now on it trains in it. Also after all went back to a checkpoint.</summary>
    void Joined(RankGroup group, RunPosition position);

    /// <summary>A step was committed.</summary>
    void Committed(RankGroup group, RunPosition position);

    /// <summary>What was entered and is no step has ended.</summary>
    void Done(RankGroup group, RunPosition position);

    /// <summary>A collective failed, or was aborted for a newer membership. What was in flight is rolled back.</summary>
    void Lost(RankGroup group, RunPosition position, CollectiveException error);
}
