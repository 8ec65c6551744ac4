namespace AiDc.Trainer.Distributed.Collectives;

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
