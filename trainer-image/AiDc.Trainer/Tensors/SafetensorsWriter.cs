using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace AiDc.Trainer.Tensors;

/// <summary>Writes tensors as safetensors, which Python and others read.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Tensors are laid out in the order of their names, whatever order they come in: equal contents give equal files.</summary>
    public static void Write(Stream stream, IEnumerable<HostTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Widest types first keeps every tensor aligned to its own size without gaps, which the format forbids.
        var ordered = tensors
            .OrderByDescending(t => Safetensors.Find(Safetensors.NameOf(t.Type))!.Value.Bytes)
            .ThenBy(t => t.Name, StringComparer.Ordinal)
            .ToList();
        var header = Header(ordered, metadata);
        var padded = (header.Length + Alignment - 1) / Alignment * Alignment;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        stream.Write(length);
        stream.Write(header);
        for (var i = header.Length; i < padded; i++) stream.WriteByte((byte)' ');
        foreach (var tensor in ordered) stream.Write(tensor.Data);
    }

    private static ReadOnlySpan<byte> Header(IEnumerable<HostTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(Safetensors.MetadataKey);
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", Safetensors.NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.Data.Length;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
