using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Distributed;

/// <summary>One group for the whole run, which meets in a folder: for benchmarks, tests and use by hand. The loss of a rank ends it.</summary>
/// <param name="generation">Above those of the checkpoints that there are; asked for before the ranks meet, and so before anybody writes one.</param>
/// <param name="stopping">Ends the waiting for the other ranks.</param>
internal sealed class FixedGroup(
    RendezvousSettings settings, ICollectiveBackend backend, Func<long> generation, TimeProvider time, CancellationToken stopping) : IRankGroups
{
    private static readonly TimeSpan CollectiveTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMinutes(1);

    private readonly RendezvousFolder _folder = new(settings.Folder, time);
    private ICollectiveGroup? _group;

    public void Prepared()
    {
    }

    public NextGroup Next(RunPosition position)
    {
        try
        {
            var number = generation();
            using var pending = backend.Prepare(settings.Rank, settings.Size, CollectiveTimeout);
            _folder.Write(settings.Rank, pending.Address);
            _group = pending.Connect(_folder.Read(settings.Size, CollectiveTimeout, stopping), ConnectTimeout);
            return new NextGroup.Train(new RankGroup(number, 0, _group, time));
        }
        catch (CollectiveException error)
        {
            throw new GroupLostException($"the group of {settings.Size} ranks did not form: {error.Message}. Use an empty folder for --rendezvous in each run", error);
        }
    }

    public void Joined(RankGroup group, RunPosition position)
    {
    }

    public void Committed(RankGroup group, RunPosition position)
    {
    }

    public void Done(RankGroup group, RunPosition position)
    {
    }

    public void Lost(RankGroup group, RunPosition position, CollectiveException error) => throw new GroupLostException(
        $"the group is lost at step {position.Step}: {(error.ClosedRanks.Count > 0 ? $"rank {string.Join(", ", error.ClosedRanks)} closed its connection" : error.Message)}", error);

    public void Dispose()
    {
        _folder.Remove(settings.Rank);
        // Its library may take its time to say good-bye to peers that are gone; the process does not wait for that.
        if (_group is { } group) Background.Dispose(group);
    }
}
