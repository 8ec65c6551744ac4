namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// Collectives on NVIDIA GPUs: NCCL, called directly. Compiled always, used for CUDA devices.
/// Not run so far: there was no machine with a GPU to run it on.
/// </summary>
/// <param name="device">Index of this process's GPU.</param>
public sealed class NcclBackend(int device, TimeProvider time) : ICollectiveBackend
{
    /// <summary>Rank 0's address is the unique id that makes the group; the others have nothing to say.</summary>
    /// <exception cref="ConfigurationException">The library is not there.</exception>
    public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout)
    {
        try
        {
            return new PendingNcclGroup(device, rank, size, collectiveTimeout, time);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ConfigurationException($"NCCL, which groups on GPUs need, is missing or too old ({error.Message}). Use the image that was built with TORCH_BACKEND=cuda", error);
        }
    }
}

/// <summary>A rank that has, or waits for, the unique id.</summary>
internal sealed class PendingNcclGroup : IPendingGroup
{
    private readonly CancellationTokenSource aborted = new();
    private readonly int device;
    private readonly int rank;
    private readonly int size;
    private readonly TimeSpan collectiveTimeout;
    private readonly TimeProvider time;

    public PendingNcclGroup(int device, int rank, int size, TimeSpan collectiveTimeout, TimeProvider time)
    {
        (this.device, this.rank, this.size, this.collectiveTimeout, this.time) = (device, rank, size, collectiveTimeout, time);
        Address = [0];
        if (rank != 0)
            return;
        NcclNative.Check(NcclNative.GetUniqueId(out var id), "ncclGetUniqueId");
        Address = id.ToArray();
    }

    public byte[] Address { get; }

    public ICollectiveGroup Connect(IReadOnlyList<byte[]> addresses, TimeSpan timeout)
    {
        if (addresses.Count != size || addresses[0].Length != NcclNative.UniqueIdBytes)
            throw new ArgumentException($"there must be {size} addresses, the first of {NcclNative.UniqueIdBytes} bytes", nameof(addresses));
        NcclNative.CheckCuda(NcclNative.SetDevice(device), "cudaSetDevice");
        // Not blocking, so that a peer that never comes can be given up.
        var config = NcclNative.Config.NonBlocking();
        var code = NcclNative.CommInitRank(out var communicator, size, NcclNative.UniqueId.From(addresses[0]), rank, ref config);
        if (code is not (NcclNative.Success or NcclNative.InProgress))
            NcclNative.Check(code, "ncclCommInitRankConfig");
        var group = new NcclGroup(communicator, device, rank, size, collectiveTimeout, time, aborted);
        try
        {
            group.WaitUntilReady(timeout);
            return group;
        }
        catch
        {
            group.Abort();
            group.Dispose();
            throw;
        }
    }

    public void Abort() => aborted.Cancel();

    public void Dispose()
    {
        // The token outlives this object: a connected group shares it.
    }
}
