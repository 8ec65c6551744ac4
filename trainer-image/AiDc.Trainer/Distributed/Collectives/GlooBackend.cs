namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>Collectives on the CPU: Gloo over TCP, in a native library of ours (trainer-image/native).</summary>
/// <param name="listenOn">Numeric IP address at which the peers reach this process; see <see cref="ListenAddress"/>.</param>
public sealed class GlooBackend(string listenOn) : ICollectiveBackend
{
    /// <summary>Peers with addresses of another version of the library refuse them, so a group never mixes versions.</summary>
    public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout)
    {
        GlooNative.Check(GlooNative.Prepare(listenOn, rank, size, GlooNative.Milliseconds(collectiveTimeout), out var group, out var error), in error);
        return new PendingGlooGroup(group, rank, size);
    }
}

/// <summary>Listens, and waits for the addresses of its peers.</summary>
internal sealed class PendingGlooGroup : IPendingGroup
{
    private readonly GlooHandle handle;
    private readonly int rank;
    private readonly int size;
    private bool connected;

    public PendingGlooGroup(GlooHandle handle, int rank, int size)
    {
        this.handle = handle;
        this.rank = rank;
        this.size = size;
        Span<byte> bytes = stackalloc byte[GlooNative.AddressBytes];
        Address = bytes[..GlooNative.Address(handle, bytes)].ToArray();
    }

    public byte[] Address { get; }

    public ICollectiveGroup Connect(IReadOnlyList<byte[]> addresses, TimeSpan timeout)
    {
        if (addresses.Count != size || addresses.Any(a => a.Length != Address.Length))
            throw new ArgumentException($"there must be {size} addresses of {Address.Length} bytes, one per rank", nameof(addresses));
        var all = new byte[size * GlooNative.AddressBytes];
        for (var i = 0; i < size; i++)
            addresses[i].CopyTo(all, i * GlooNative.AddressBytes);
        GlooNative.Check(GlooNative.Connect(handle, all, GlooNative.Milliseconds(timeout), out var error), in error);
        connected = true;
        return new GlooGroup(handle, rank, size);
    }

    public void Abort() => GlooNative.Abort(handle);

    /// <summary>Once connected, the handle is the group's.</summary>
    public void Dispose()
    {
        if (!connected)
            handle.Dispose();
    }
}
