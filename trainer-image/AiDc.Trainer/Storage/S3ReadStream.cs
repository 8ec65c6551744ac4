namespace AiDc.Trainer.Storage;

/// <summary>
/// Reads an object from front to end. A connection that breaks or stalls half-way is opened again at the place reached: the SDK repeats
/// requests, but not the reading of their answers.
/// </summary>
/// <param name="openAt">Opens the object at an offset in bytes.</param>
/// <param name="start">The offset of the first byte that is read.</param>
internal sealed class S3ReadStream(Func<long, Stream> openAt, long start, long length, string place, string endpoint, CancellationToken cancellation) : Stream
{
    private const int TriesWithoutProgress = 5;
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    private Stream? _body;
    private byte[]? _copy;
    private long _position = start;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <exception cref="StorageException">The server cannot be reached, or breaks off again and again.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (count == 0 || _position == length) return 0;
        for (var failures = 1; ; failures++)
        {
            try
            {
                _body ??= openAt(_position);
                var read = ReadSome(buffer.AsMemory(offset, count));
                if (read == 0) throw new EndOfStreamException($"the connection ended at byte {_position} of {length}");
                _position += read;
                return read;
            }
            catch (Exception error) when (error is IOException or HttpRequestException
                || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                Drop();
                if (failures == TriesWithoutProgress) throw S3Errors.Translate(place, endpoint, error);
            }
        }
    }

    public override int Read(Span<byte> buffer)
    {
        _copy ??= new byte[1 << 17];
        var read = Read(_copy, 0, Math.Min(buffer.Length, _copy.Length));
        _copy.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written.
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Drop();
        base.Dispose(disposing);
    }

    private int ReadSome(Memory<byte> buffer)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stalled.CancelAfter(Stalled);
        return _body!.ReadAsync(buffer, stalled.Token).AsTask().GetAwaiter().GetResult();
    }

    private void Drop()
    {
        _body?.Dispose();
        _body = null;
    }
}
