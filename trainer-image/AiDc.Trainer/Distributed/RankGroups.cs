using AiDc.Api;
using AiDc.Trainer.Distributed.Collectives;

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

/// <summary>
/// Which state a member holds. Two members whose positions are equal hold the same bits; of two that differ the higher one counts, by
/// generation first: a step that an older membership committed on one member only is void once a newer one has trained.
/// </summary>
/// <param name="HasState">False before the first state was agreed on; then nothing else counts.</param>
/// <param name="Generation">The membership in which the state was last agreed on.</param>
/// <param name="Replay">How often that membership went back to a checkpoint.</param>
/// <param name="Step">Committed steps.</param>
/// <param name="Epoch">Completed epochs: the last step of an epoch and its completion are two.</param>
public readonly record struct RunPosition(bool HasState, long Generation, int Replay, long Step, int Epoch) : IComparable<RunPosition>
{
    public int CompareTo(RunPosition other) => Key.CompareTo(other.Key);

    public static bool operator <(RunPosition left, RunPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(RunPosition left, RunPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(RunPosition left, RunPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RunPosition left, RunPosition right) => left.CompareTo(right) >= 0;

    private (bool, long, int, long, int) Key => HasState ? (true, Generation, Replay, Step, Epoch) : default;
}

/// <summary>A rank of a fixed group was lost: without an operator nobody forms another.</summary>
public sealed class GroupLostException(string message, Exception? inner = null) : TrainerException(message, ExitCodes.UnexpectedFailure, inner);
