using System.Net;

namespace AiDc.Gateway.Replicas;

/// <summary>
/// A body on its way to a replica. Parts of a body of unknown length are sent as they come: the handler below gathers small writes until they are many,
/// which a replica that answers to the first of them would wait for in vain. And where the replica takes no more of it, that is not the end: it may have
/// answered already, that the body is too long for it, and the handler below reads no answer before it has written the body. So the rest is written to
/// nowhere (<see cref="AnswerFirstStream"/>); where there is no answer either, reading it fails.
/// </summary>
internal sealed class ReplicaContent : HttpContent
{
    private static readonly ReadOnlyMemory<byte> Nothing = new byte[64 * 1024];

    private readonly HttpContent content;
    private readonly long? length;

    public ReplicaContent(HttpContent content)
    {
        (this.content, length) = (content, content.Headers.ContentLength);
        foreach (var header in content.Headers.NonValidated) Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var to = new Sending(stream, flushes: length is null);
        try
        {
            await content.CopyToAsync(to, context, cancellationToken);
        }
        catch (Exception) when (to.IsRefused && !cancellationToken.IsCancellationRequested)
        {
            for (var left = (length ?? 0) - to.Written; left > 0; left -= Nothing.Length)
                await stream.WriteAsync(Nothing[..(int)Math.Min(left, Nothing.Length)], cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = this.length ?? 0;
        return this.length is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) content.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Sending(Stream to, bool flushes) : PassingStream(to)
    {
        /// <summary>What the handler below took.</summary>
        public long Written { get; private set; }

        public bool IsRefused { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await Inner.WriteAsync(buffer, cancellationToken);
                Written += buffer.Length;
                if (flushes) await Inner.FlushAsync(cancellationToken);
            }
            catch (IOException)
            {
                IsRefused = true;
                throw;
            }
        }
    }
}

/// <summary>Sends bodies so.</summary>
internal sealed class ReplicaContentHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content) request.Content = new ReplicaContent(content);
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>A connection that can still be read when writing has failed: a write after the first that failed does nothing.</summary>
internal sealed class AnswerFirstStream(Stream connection) : PassingStream(connection)
{
    private volatile bool refused;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (refused) return ValueTask.CompletedTask;
        var writing = Inner.WriteAsync(buffer, cancellationToken);
        return writing.IsCompletedSuccessfully ? writing : WaitAsync(writing);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => refused ? Task.CompletedTask : Inner.FlushAsync(cancellationToken);

    private async ValueTask WaitAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        catch (IOException)
        {
            refused = true;
            throw;
        }
    }
}

/// <summary>A stream that passes everything on, asynchronously.</summary>
internal abstract class PassingStream(Stream inner) : Stream
{
    public override bool CanRead => Inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    protected Stream Inner { get; } = inner;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Inner.FlushAsync(cancellationToken);

    public override void Flush() => Inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Inner.Dispose();
        base.Dispose(disposing);
    }
}
