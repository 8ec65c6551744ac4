using System.Security.Cryptography;

namespace AiDc.Trainer.Storage;

/// <summary>Reads a file from front to end and compares it with what was written.</summary>
/// <param name="file">Its name for messages.</param>
/// <param name="inner">At its beginning; disposed with this.</param>
internal sealed class VerifyingStream(string file, Stream inner, FileSum expected) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    /// <summary>May be set to where the stream is: readers that skip nothing may say so.</summary>
    public override long Position
    {
        get => _position;
        set
        {
            if (value != _position) throw new NotSupportedException($"{file} is read from front to end");
        }
    }

    /// <exception cref="InvalidFileException">The file does not have that size.</exception>
    public VerifyingStream CheckLength() => inner.Length == expected.Bytes
        ? this
        : throw new InvalidFileException(file, $"it has {inner.Length} bytes where {expected.Bytes} were written");

    /// <summary>Reads what is left and compares the sum of all.</summary>
    /// <exception cref="InvalidFileException">The content is not what was written.</exception>
    public void CheckContent()
    {
        var buffer = new byte[1 << 16];
        while (Read(buffer) > 0)
        {
            // Only the sum of it matters.
        }

        if (Convert.ToHexStringLower(_hash.GetCurrentHash()) != expected.Sha256)
            throw new InvalidFileException(file, "its SHA-256 is not that of the manifest");
    }

    public override int Read(Span<byte> buffer)
    {
        var read = ReadInner(buffer);
        _hash.AppendData(buffer[..read]);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written.
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadInner(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is not damaged by that.
            throw StorageErrors.Translate(file, error);
        }
    }
}
