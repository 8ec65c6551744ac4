namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// Collectives on NVIDIA GPUs: NCCL, called directly. Compiled always, used for CUDA devices.
/// Not run so far: there was no machine with a GPU to run it on.
/// </summary>
/// <param name="device">Index of this process's GPU.</param>
public sealed class NcclBackend(int device, TimeProvider time) : ICollectiveBackend
{
    /// <summary>Rank 0's address is the unique id that makes the group; the others have nothing to say.</summary>
    public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout) => new PendingNcclGroup(device, rank, size, collectiveTimeout, time);
}
