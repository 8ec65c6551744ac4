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
