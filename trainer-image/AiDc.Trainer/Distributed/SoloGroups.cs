using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Distributed;

/// <summary>A run by itself: one group of one rank, for ever.</summary>
internal sealed class SoloGroups(long generation, TimeProvider time) : IRankGroups
{
    public void Prepared()
    {
    }

    public NextGroup Next(RunPosition position) => new NextGroup.Train(new RankGroup(generation, 0, null, time));

    public void Joined(RankGroup group, RunPosition position)
    {
    }

    public void Committed(RankGroup group, RunPosition position)
    {
    }

    public void Done(RankGroup group, RunPosition position)
    {
    }

    public void Lost(RankGroup group, RunPosition position, CollectiveException error) =>
        throw new InvalidOperationException("a group of one cannot be lost", error);

    public void Dispose()
    {
    }
}
