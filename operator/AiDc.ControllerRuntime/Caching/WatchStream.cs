using System.Buffers;
using System.IO.Pipelines;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>Splits a stream into lines of UTF-8, in place where a line lies in one piece.</summary>
internal sealed class WatchStream(Stream stream)
{
    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 32768, minimumReadSize: 4096, leaveOpen: true);

    /// <summary>Calls <paramref name="onLine"/> with each line until it answers false, or the stream ends.</summary>
    public async Task ReadAsync(Func<ReadOnlyMemory<byte>, bool> onLine, CancellationToken ct)
    {
        var reader = PipeReader.Create(stream, Reading);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(ct);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (!Give(buffer.Slice(0, end), onLine)) return;
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }
                reader.AdvanceTo(buffer.Start, buffer.End);
                // What follows the last line end was cut off: no event.
                if (result.IsCompleted) return;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool Give(in ReadOnlySequence<byte> line, Func<ReadOnlyMemory<byte>, bool> onLine)
    {
        if (line.IsEmpty) return true;
        if (line.IsSingleSegment) return onLine(line.First);
        var length = (int)line.Length;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            line.CopyTo(copy);
            return onLine(copy.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
