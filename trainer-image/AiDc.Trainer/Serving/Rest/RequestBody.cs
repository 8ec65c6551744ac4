using System.Buffers;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>A request's body in one piece.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstPiece = 64 << 10;

    private readonly MemoryReservation _memory;
    private readonly bool _pooled;
    private byte[] _data = [];
    private int _length;
    private long _reserved;

    private RequestBody(MemoryReservation memory, bool pooled) => (_memory, _pooled) = (memory, pooled);

    public ReadOnlyMemory<byte> Data => _data.AsMemory(0, _length);

    /// <param name="limit">Bytes that it may have.</param>
    /// <param name="shared">Whether tensors will share its memory: then it does not go back to a pool, as the model may still read from it.</param>
    /// <exception cref="ServingException">It is too large, or there is no room for it now.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext context, int limit, bool shared, MemoryReservation memory, CancellationToken cancellation)
    {
        var body = new RequestBody(memory, pooled: !shared);
        try
        {
            await body.FillAsync(context.Request, limit, cancellation);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _memory.Return(_reserved);
        if (_pooled && _data.Length > 0) ArrayPool<byte>.Shared.Return(_data);
        (_data, _length, _reserved) = ([], 0, 0);
    }

    private async Task FillAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        if (request.ContentLength > limit) throw TooLarge(limit);
        var expected = (int?)request.ContentLength;
        if (expected == 0) return;
        // A client that only says that much is to come does not get the memory for it.
        Grow(Math.Min(expected ?? 4096, FirstPiece));
        while (true)
        {
            var read = await request.Body.ReadAsync(_data.AsMemory(_length), cancellation);
            _length += read;
            if (read == 0 || _length == expected) return;
            if (_length < _data.Length) continue;
            if (_length > limit) throw TooLarge(limit);
            Grow((int)Math.Min(expected ?? limit + 1L, _length * 2L));
        }
    }

    private void Grow(int size)
    {
        _memory.Take(size - _reserved);
        _reserved = size;
        var larger = _pooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
        _data.AsSpan(0, _length).CopyTo(larger);
        if (_pooled && _data.Length > 0) ArrayPool<byte>.Shared.Return(_data);
        _data = larger;
    }

    private static ServingException TooLarge(int limit) =>
        new(ServingError.TooLarge, $"the body is larger than the {limit >> 20} MiB that this server takes: send fewer samples at once, or as binary data");
}
