using System.Buffers;

namespace AiDc.Gateway.Forwarding;

/// <summary>
/// A request's body that can be sent again: what is read of it, as it streams by, is kept until it is too much. One attempt reads it at a
/// time.
/// </summary>
/// <param name="limit">Bytes that are kept at most.</param>
internal sealed class ReplayBody(Stream source, int limit) : IDisposable
{
    private const int FirstBuffer = 16 * 1024;

    private byte[] kept = [];
    private int count;
    private long read;

    /// <summary>All that was read is still here.</summary>
    public bool IsKept => read == count;

    /// <summary>The body from its beginning.</summary>
    /// <exception cref="InvalidOperationException">It is not all here any more.</exception>
    public Stream Open() => IsKept ? new ReplayStream(this) : throw new InvalidOperationException("The body was longer than what is kept of it.");

    /// <param name="position">How far this attempt has read.</param>
    public async ValueTask<int> ReadAsync(long position, Memory<byte> into, CancellationToken ct)
    {
        if (position < count)
        {
            var part = Math.Min(into.Length, count - (int)position);
            kept.AsMemory((int)position, part).CopyTo(into);
            return part;
        }
        var got = await source.ReadAsync(into, ct);
        Keep(into.Span[..got]);
        return got;
    }

    public void Dispose()
    {
        if (kept.Length > 0) ArrayPool<byte>.Shared.Return(kept);
        kept = [];
        // Whoever still reads finds the client's own stream.
        count = 0;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var whole = IsKept;
        read += bytes.Length;
        if (!whole) return;
        if (count + bytes.Length > limit)
        {
            Dispose();
            return;
        }
        if (count + bytes.Length > kept.Length) Grow(count + bytes.Length);
        bytes.CopyTo(kept.AsSpan(count));
        count += bytes.Length;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBuffer, Math.Min(limit, kept.Length * 2))));
        kept.AsSpan(0, count).CopyTo(larger);
        if (kept.Length > 0) ArrayPool<byte>.Shared.Return(kept);
        kept = larger;
    }
}

/// <summary>One attempt's view of a <see cref="ReplayBody"/>.</summary>
internal sealed class ReplayStream(ReplayBody body) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var got = await body.ReadAsync(position, buffer, cancellationToken);
        position += got;
        return got;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
