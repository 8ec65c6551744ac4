using System.Security.Cryptography;
using Amazon.S3.Model;

namespace AiDc.Trainer.Storage;

/// <summary>
/// Writes an object whose length is not known before, in parts, of which two are under way while a third is filled: that is all the
/// memory it takes. The object appears at <see cref="Complete"/>, whole; until then, and if that never comes, there is none.
/// </summary>
internal sealed class S3UploadStream(S3Bucket bucket, string key, Func<int, int> sizeOfPart) : Stream
{
    private const int PartsUnderWay = 2;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<PartETag> _done = [];
    private readonly List<(Task<PartETag> Part, byte[] Buffer)> _underWay = [];
    private readonly Stack<byte[]> _spare = new();
    private readonly CancellationTokenSource _aborted = new();
    private byte[] _buffer = new byte[Math.Min(sizeOfPart(1), 1 << 16)];
    private int _filled;
    private long _bytes;
    private string? _upload;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _bytes;

    public override long Position
    {
        get => _bytes;
        set => throw new NotSupportedException();
    }

    private int Started => _done.Count + _underWay.Count;

    /// <exception cref="StorageException">A part could not be sent.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        _bytes += buffer.Length;
        while (buffer.Length > 0)
        {
            var size = PartSize();
            if (_filled == size)
            {
                Send();
                continue;
            }

            if (_filled == _buffer.Length) Array.Resize(ref _buffer, (int)Math.Min(size, _buffer.Length * 4L));
            var count = Math.Min(buffer.Length, Math.Min(size, _buffer.Length) - _filled);
            buffer[..count].CopyTo(_buffer.AsSpan(_filled));
            _filled += count;
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Makes the object appear, with all that was written.</summary>
    /// <exception cref="StorageException">It could not be sent.</exception>
    public FileSum Complete()
    {
        if (_upload is null)
        {
            bucket.Put(key, _buffer, _filled);
        }
        else
        {
            if (_filled > 0) Send();
            while (_underWay.Count > 0) Reap();
            bucket.CompleteUpload(key, _upload, _done);
            _upload = null;
        }

        return new(_bytes, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    /// <summary>Tells the server to forget the parts. If that fails too, the next writer does it.</summary>
    public void Abort()
    {
        _aborted.Cancel();
        // A part that arrives after the abort would stay, and be paid for.
        foreach (var (part, _) in _underWay) ((IAsyncResult)part).AsyncWaitHandle.WaitOne();
        _underWay.Clear();
        if (_upload is not { } upload) return;
        _upload = null;
        try
        {
            bucket.AbortUpload(key, upload);
        }
        catch (TrainerException)
        {
            // The error that led here is the one to tell.
        }
    }

    public override void Flush()
    {
        // A part goes when it is full.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Abort();
            _hash.Dispose();
            _aborted.Dispose();
        }

        base.Dispose(disposing);
    }

    private int PartSize()
    {
        try
        {
            return sizeOfPart(Started + 1);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new StorageException(bucket.Locate(key), "it is larger than an object in S3 can be. Use a volume for checkpoints of this size", error);
        }
    }

    private void Send()
    {
        _upload ??= bucket.StartUpload(key);
        while (_underWay.Count >= PartsUnderWay) Reap();
        var (number, buffer, filled) = (Started + 1, _buffer, _filled);
        _underWay.Add((Task.Run(() => bucket.UploadPartAsync(key, _upload, number, buffer, filled, _aborted.Token)), buffer));
        _buffer = _spare.TryPop(out var spare) ? spare : new byte[sizeOfPart(number)];
        _filled = 0;
    }

    /// <summary>Waits for a part that is under way; its memory is used for the next.</summary>
    private void Reap()
    {
        var at = Task.WaitAny([.. _underWay.Select(u => (Task)u.Part)]);
        var (part, buffer) = _underWay[at];
        _underWay.RemoveAt(at);
        _done.Add(part.GetAwaiter().GetResult());
        _spare.Push(buffer);
    }
}
