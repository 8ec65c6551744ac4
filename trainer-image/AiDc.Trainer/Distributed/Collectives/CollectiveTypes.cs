using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A library of collectives.</summary>
public interface ICollectiveBackend
{
    /// <summary>Starts to listen, so that peers can connect.</summary>
    /// <param name="collectiveTimeout">After that a collective that has not ended fails, naming nobody.</param>
    /// <exception cref="CollectiveException">There is no address to listen on.</exception>
    IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout);
}

/// <summary>A rank that can be reached, and does not know its peers yet.</summary>
public interface IPendingGroup : IDisposable
{
    /// <summary>What the peers need to reach this rank: opaque bytes, for the rendezvous.</summary>
    byte[] Address { get; }

    /// <summary>Connects to every other rank; the pending group is used up, whatever comes of it.</summary>
    /// <param name="addresses">One per rank, in rank order, this rank's own included.</param>
    /// <param name="timeout">For connecting, not for the collectives.</param>
    /// <exception cref="CollectiveException">A peer was not reached in time, or refused.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    ICollectiveGroup Connect(IReadOnlyList<byte[]> addresses, TimeSpan timeout);

    /// <summary>From any thread, any number of times: <see cref="Connect"/>, in progress or later, throws <see cref="GroupAbortedException"/>.</summary>
    void Abort();
}

/// <summary>
/// The ranks of one generation, connected. Every rank calls the same collectives in the same order, from one thread at a time.
/// A group that failed once stays failed: its peers no longer agree on what comes next.
/// </summary>
/// <remarks>Dispose may block on the library while a collective ends: dispose on a background thread.</remarks>
public interface ICollectiveGroup : IDisposable
{
    int Rank { get; }

    int Size { get; }

    /// <summary>Every rank's values become the sum over all ranks, the same bits on each of them.</summary>
    /// <param name="tensor">Contiguous, on the group's device; float32, float64, bfloat16 (summed in float32, rounded to nearest even) or int64.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void AllReduceSum(Tensor tensor);

    /// <summary>Every rank's bytes become those of <paramref name="root"/>.</summary>
    /// <param name="tensor">Contiguous, on the group's device, any type; the same size on every rank.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void Broadcast(Tensor tensor, int root);

    /// <summary>The inputs of all ranks, one after the other in rank order.</summary>
    /// <param name="output">Contiguous; <see cref="Size"/> times the bytes of <paramref name="input"/>.</param>
    /// <param name="input">Contiguous, any type; the same size on every rank.</param>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void AllGather(Tensor output, Tensor input);

    /// <summary>Returns once every rank has called it.</summary>
    /// <exception cref="CollectiveException">A peer's connection was closed, or the collective timed out.</exception>
    /// <exception cref="GroupAbortedException"><see cref="Abort"/> was called.</exception>
    void Barrier();

    /// <summary>
    /// From any thread, any number of times: the collective in progress and every later one throws <see cref="GroupAbortedException"/>,
    /// whatever the peers do.
    /// </summary>
    void Abort();
}

/// <summary>A collective, or the connecting before it, failed. The group is of no further use.</summary>
public class CollectiveException : Exception
{
    public CollectiveException(string message)
        : this(message, [])
    {
    }

    public CollectiveException(string message, IReadOnlyList<int> closedRanks)
        : base(message) => ClosedRanks = closedRanks;

    public CollectiveException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public CollectiveException()
    {
    }

    /// <summary>
    /// Ranks whose connection was closed by their side: their process is gone, or left the group. Empty for a time-out, which in a
    /// ring says nothing about who is at fault.
    /// </summary>
    public IReadOnlyList<int> ClosedRanks { get; } = [];
}

/// <summary>The group was aborted by its owner: no peer is to blame.</summary>
public sealed class GroupAbortedException : CollectiveException
{
    public GroupAbortedException()
        : base("the group was aborted")
    {
    }

    public GroupAbortedException(string message)
        : base(message)
    {
    }

    public GroupAbortedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
