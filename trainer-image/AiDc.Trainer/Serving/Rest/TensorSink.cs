using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Takes values of JSON and makes a tensor's bytes of them, row-major and little-endian.</summary>
/// <param name="name">The tensor's, for messages.</param>
/// <param name="capacity">Bytes that are likely needed.</param>
/// <param name="memory">What it takes is taken of this first: a digit and a comma of JSON may become eight bytes.</param>
internal sealed class TensorSink(string name, Datatype type, int capacity, MemoryReservation memory)
{
    /// <summary>More than any tensor has.</summary>
    private const int MostDimensions = 16;

    /// <summary>Room that is made for an array whose length is not known.</summary>
    private const int UsualRow = 1024;

    private byte[] _data = capacity == 0 ? [] : memory.Allocate(capacity);
    private int _length;

    /// <summary>Values so far.</summary>
    public long Values { get; private set; }

    public Datatype Type => type;

    public ReadOnlyMemory<byte> Data => _data.AsMemory(0, _length);

    /// <summary>Reads one value, or an array of them, flat or nested.</summary>
    /// <param name="reader">On the first token; afterwards on the last one.</param>
    /// <param name="json">All that it reads.</param>
    /// <param name="most">Values that there may be.</param>
    /// <returns>The dimensions of the nested arrays; none for a single value.</returns>
    /// <exception cref="ServingException">It is no regular array of that type.</exception>
    public long[] Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, long most)
    {
        Span<long> counts = stackalloc long[MostDimensions];
        Span<long> sizes = stackalloc long[MostDimensions];
        sizes.Fill(-1);
        var (depth, leaves) = (0, -1);
        var last = Values + most;
        do
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                depth--;
                if (sizes[depth] < 0) sizes[depth] = counts[depth];
                else if (sizes[depth] != counts[depth]) throw Wrong($"its nested arrays have {sizes[depth]} and {counts[depth]} values: they must be of one length");
                continue;
            }

            if (depth > 0) counts[depth - 1]++;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                if (depth == MostDimensions || depth == leaves) throw Wrong(depth == leaves ? "a value and an array stand side by side" : $"it has more than {MostDimensions} dimensions");
                counts[depth++] = type == Datatype.Fp32 ? ReadRow(ref reader, json, last - Values) : 0;
                if (counts[depth - 1] == 0) continue;
                if (leaves < 0) leaves = depth;
                else if (leaves != depth) throw Wrong("a value and an array stand side by side");
                continue;
            }

            if (leaves < 0) leaves = depth;
            else if (leaves != depth) throw Wrong("a value and an array stand side by side");
            if (Values == last) throw Wrong($"it has more than the {most} values of its shape");
            Append(ref reader);
        }
        while (depth > 0 && reader.Read());
        return sizes[..Math.Max(0, leaves < 0 ? sizes.IndexOf(-1) : leaves)].ToArray();
    }

    /// <summary>Takes a whole array of plain numbers at once.</summary>
    /// <param name="reader">On the array's start; afterwards right before its end, if there was something to take.</param>
    /// <returns>Values that were taken; 0 where they are better looked at one by one.</returns>
    private int ReadRow(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, long most)
    {
        if (!json.Overlaps(reader.ValueSpan, out var at)) return 0;
        var values = MemoryMarshal.Cast<byte, float>(Spare((int)Math.Min(most, UsualRow) * sizeof(float)));
        if (values.Length > most) values = values[..(int)most];
        var end = FloatRow.Read(json[++at..], values, out var count);
        if (end < 0) return 0;
        _length += count * sizeof(float);
        Values += count;
        reader = new(json[(at + end)..], isFinalBlock: true, reader.CurrentState);
        return count;
    }

    private void Append(ref Utf8JsonReader reader)
    {
        var token = reader.TokenType;
        var fits = type switch
        {
            // As the clients of KServe and MLServer write NaN, for which JSON has no number.
            Datatype.Fp32 when token == JsonTokenType.Null => Put(float.NaN),
            Datatype.Fp64 when token == JsonTokenType.Null => Put(double.NaN),
            Datatype.Fp16 when token == JsonTokenType.Null => Put(Half.NaN),
            Datatype.Bf16 when token == JsonTokenType.Null => Put(Bf16.NaN),
            Datatype.Fp32 => token == JsonTokenType.Number && reader.TryGetSingle(out var v) && float.IsFinite(v) && Put(v),
            Datatype.Fp64 => token == JsonTokenType.Number && reader.TryGetDouble(out var v) && double.IsFinite(v) && Put(v),
            Datatype.Fp16 => token == JsonTokenType.Number && reader.TryGetSingle(out var v) && Half.IsFinite((Half)v) && Put((Half)v),
            Datatype.Bf16 => token == JsonTokenType.Number && reader.TryGetSingle(out var v) && float.IsFinite(v) && Put(Bf16.FromSingle(v)),
            Datatype.Int64 => token == JsonTokenType.Number && reader.TryGetInt64(out var v) && Put(v),
            Datatype.Int32 => token == JsonTokenType.Number && reader.TryGetInt32(out var v) && Put(v),
            Datatype.Int16 => token == JsonTokenType.Number && reader.TryGetInt16(out var v) && Put(v),
            Datatype.Int8 => token == JsonTokenType.Number && reader.TryGetSByte(out var v) && Put(v),
            Datatype.UInt64 => token == JsonTokenType.Number && reader.TryGetUInt64(out var v) && Put(v),
            Datatype.UInt32 => token == JsonTokenType.Number && reader.TryGetUInt32(out var v) && Put(v),
            Datatype.UInt16 => token == JsonTokenType.Number && reader.TryGetUInt16(out var v) && Put(v),
            Datatype.UInt8 => token == JsonTokenType.Number && reader.TryGetByte(out var v) && Put(v),
            Datatype.Bool => token is JsonTokenType.True or JsonTokenType.False && Put((byte)(token == JsonTokenType.True ? 1 : 0)),
            _ => token == JsonTokenType.String && Put(Encoding.UTF8.GetBytes(reader.GetString()!)),
        };
        if (!fits) throw Wrong($"value {Values} is {Describe(ref reader)}, which is no {type.NameOf()}");
        Values++;
    }

    private bool Put<T>(T value) where T : unmanaged
    {
        // .NET runs on little-endian machines only, wherever libtorch does.
        MemoryMarshal.Write(Room(Unsafe.SizeOf<T>()), in value);
        return true;
    }

    private bool Put(byte[] text)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), (uint)text.Length);
        text.CopyTo(Room(text.Length));
        return true;
    }

    private Span<byte> Room(int size)
    {
        var room = Spare(size)[..size];
        _length += size;
        return room;
    }

    /// <returns>All that is free; at least so many bytes.</returns>
    private Span<byte> Spare(int size)
    {
        if (_data.Length - _length < size)
        {
            var larger = memory.Allocate(Math.Max(_length + size, Math.Max(64, (int)Math.Min(Array.MaxLength, _data.Length * 2L))));
            _data.AsSpan(0, _length).CopyTo(larger);
            memory.Return(_data.Length);
            _data = larger;
        }

        return _data.AsSpan(_length);
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, 32)]),
        JsonTokenType.String => "a string",
        JsonTokenType.StartObject => "an object",
        var other => other.ToString().ToLowerInvariant(),
    };

    private ServingException Wrong(string problem) => ServingException.Invalid($"input '{name}': {problem}");
}
