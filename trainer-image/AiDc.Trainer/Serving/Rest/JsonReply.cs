using System.Buffers;
using System.Text.Json;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>JSON responses.</summary>
internal static class JsonReply
{
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var buffer = new AnswerBuffer();
        using (var json = new Utf8JsonWriter(buffer, V2ResponseWriter.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        await WriteAsync(context, buffer, context.RequestAborted);
    }

    /// <summary>JSON that is written already.</summary>
    /// <param name="cancellation">For a request with a deadline, its own: a client that does not read must not keep it.</param>
    public static async Task WriteAsync(HttpContext context, AnswerBuffer json, CancellationToken cancellation)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await json.SendAsync(context.Response, cancellation);
    }
}

/// <summary>
/// An answer as it is written: pieces of pooled memory, so that nothing is copied as it grows. Inference requests take it of the memory
/// that all requests share.
/// </summary>
internal sealed class AnswerBuffer(MemoryReservation? memory = null) : IBufferWriter<byte>, IDisposable
{
    private const int FirstPiece = 1 << 10;

    /// <summary>The largest that the pool keeps.</summary>
    private const int LargestPiece = 1 << 20;

    private readonly List<(byte[] Data, int Length)> _full = [];
    private byte[] _data = [];
    private int _length;
    private long _before;

    public long Length => _before + _length;

    public void Advance(int count) => _length += count;

    /// <exception cref="ServingException">There is no room for the answer.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _data.AsMemory(_length);
    }

    /// <inheritdoc cref="GetMemory"/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public async Task SendAsync(HttpResponse response, CancellationToken cancellation)
    {
        foreach (var (data, length) in _full) await response.Body.WriteAsync(data.AsMemory(0, length), cancellation);
        await response.Body.WriteAsync(_data.AsMemory(0, _length), cancellation);
    }

    public byte[] ToArray() => [.. _full.SelectMany(piece => piece.Data.Take(piece.Length)), .. _data.AsSpan(0, _length)];

    public void Dispose()
    {
        foreach (var (data, _) in _full) Return(data);
        Return(_data);
        _full.Clear();
        (_data, _length, _before) = ([], 0, 0);
    }

    private void Reserve(int size)
    {
        if (_data.Length - _length >= Math.Max(1, size)) return;
        var wanted = Math.Max(size, Math.Clamp(_data.Length * 2, FirstPiece, LargestPiece));
        memory?.TakeForAnswer(wanted);
        var next = ArrayPool<byte>.Shared.Rent(wanted);
        if (_length > 0) _full.Add((_data, _length));
        else Return(_data);
        _before += _length;
        (_data, _length) = (next, 0);
    }

    private static void Return(byte[] data)
    {
        if (data.Length > 0) ArrayPool<byte>.Shared.Return(data);
    }
}
