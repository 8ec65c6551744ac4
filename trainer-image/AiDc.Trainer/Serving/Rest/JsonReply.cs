using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Small JSON responses.</summary>
internal static class JsonReply
{
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var buffer = new PooledWriter();
        using (var json = new Utf8JsonWriter(buffer, V2ResponseWriter.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        await WriteAsync(context, buffer.Written, context.RequestAborted);
    }

    /// <summary>JSON that is written already.</summary>
    /// <param name="cancellation">For a request with a deadline, its own: a client that does not read must not keep it.</param>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, cancellation);
    }
}

/// <summary>Grows as it is written to; its memory goes back to the pool in the end.</summary>
internal sealed class PooledWriter(int capacity = 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _data = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public ReadOnlyMemory<byte> Written => _data.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _data.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _data.AsSpan(_length);
    }

    public void Dispose()
    {
        if (_data.Length > 0) ArrayPool<byte>.Shared.Return(_data);
        _data = [];
    }

    private void Reserve(int size)
    {
        if (_data.Length - _length >= Math.Max(1, size)) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + size, (int)Math.Min(Array.MaxLength, _data.Length * 2L)));
        _data.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_data);
        _data = larger;
    }
}
