using System.Text.Json;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>One input of a request's JSON.</summary>
internal static class V2InputReader
{
    private const int MostDimensions = 16;

    /// <param name="reader">On the object's start; afterwards on its end.</param>
    /// <param name="json">All that the reader reads.</param>
    /// <exception cref="ServingException">It is no tensor.</exception>
    public static TensorValue Read(ref Utf8JsonReader reader, int index, ReadOnlySpan<byte> json, BinaryPart binary, MemoryReservation memory)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, $"inputs[{index}]", "an object");
        var input = new Parts();
        var later = default(Utf8JsonReader);
        var isLater = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) input.Name = JsonFaults.NextString(ref reader, $"inputs[{index}].name");
            else if (reader.ValueTextEquals("datatype"u8)) input.Type = NextDatatype(ref reader, index);
            else if (reader.ValueTextEquals("shape"u8)) input.Shape = NextShape(ref reader, index);
            else if (reader.ValueTextEquals("parameters"u8)) input.BinarySize = V2Parameters.Read(ref reader, $"inputs[{index}].parameters").BinaryDataSize;
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null) continue;
                if (input.IsDescribed) input.Data = ReadData(ref reader, input, json, memory);
                else
                {
                    // Before what says how to read it: come back to it.
                    later = reader;
                    isLater = true;
                    reader.Skip();
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        Check(input, index);
        if (isLater) input.Data = ReadData(ref later, input, json, memory);
        return new(input.Name!, input.Type!.Value, input.Shape!, Whole(input, binary));
    }

    private static void Check(Parts input, int index)
    {
        if (input.Name is null) throw ServingException.Invalid($"inputs[{index}].name is missing");
        if (input.Type is null) throw ServingException.Invalid($"input '{input.Name}': datatype is missing");
        if (input.Shape is null) throw ServingException.Invalid($"input '{input.Name}': shape is missing");
    }

    private static ReadOnlyMemory<byte> Whole(Parts input, BinaryPart binary)
    {
        if (input.BinarySize is { } size)
        {
            return input.Data is null
                ? binary.Take(input.Name!, size)
                : throw ServingException.Invalid($"input '{input.Name}': it has both data and binary_data_size; use one of them");
        }

        return input.Data ?? throw ServingException.Invalid($"input '{input.Name}': data is missing");
    }

    private static ReadOnlyMemory<byte> ReadData(ref Utf8JsonReader reader, Parts input, ReadOnlySpan<byte> json, MemoryReservation memory)
    {
        var count = TensorSizes.Values(input.Name!, input.Shape);
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, $"input '{input.Name}': data", "an array");
        // Each value has at least one digit and a comma: what cannot be there is not allocated.
        var size = input.Type!.Value.SizeOf();
        var sink = new TensorSink(input.Name!, input.Type.Value, (int)(Math.Min(count, (json.Length / 2) + 1) * size), memory);
        sink.Read(ref reader, json, count);
        if (sink.Values != count)
            throw ServingException.Invalid($"input '{input.Name}': data has {sink.Values} values, but the shape [{string.Join(", ", input.Shape!)}] has {count}");
        return sink.Data;
    }

    private static Datatype NextDatatype(ref Utf8JsonReader reader, int index)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            // What most requests have: no string is made of it.
            if (reader.ValueTextEquals("FP32"u8)) return Datatype.Fp32;
            var name = reader.GetString();
            if (Datatypes.Find(name) is { } type) return type;
            throw ServingException.Invalid($"inputs[{index}].datatype: there is no '{name}'; use one of {string.Join(", ", Datatypes.Names)}");
        }

        throw ServingException.Invalid($"inputs[{index}].datatype must be a string, such as FP32");
    }

    private static long[] NextShape(ref Utf8JsonReader reader, int index)
    {
        reader.Read();
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, $"inputs[{index}].shape", "an array");
        Span<long> sizes = stackalloc long[MostDimensions];
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == MostDimensions) throw ServingException.Invalid($"inputs[{index}].shape has more than {MostDimensions} dimensions");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0)
                throw ServingException.Invalid($"inputs[{index}].shape: dimension {count} is no whole number of at least 0");
            sizes[count++] = size;
        }

        return sizes[..count].ToArray();
    }

    private sealed class Parts
    {
        public string? Name { get; set; }

        public Datatype? Type { get; set; }

        public long[]? Shape { get; set; }

        public ReadOnlyMemory<byte>? Data { get; set; }

        public long? BinarySize { get; set; }

        public bool IsDescribed => Name is not null && Type is not null && Shape is not null;
    }
}

/// <summary>The tensors behind a request's JSON, one after the other.</summary>
internal sealed class BinaryPart(ReadOnlyMemory<byte> data)
{
    private ReadOnlyMemory<byte> _left = data;

    /// <exception cref="ServingException">There is not so much.</exception>
    public ReadOnlyMemory<byte> Take(string input, long size)
    {
        if (size < 0 || size > _left.Length)
            throw ServingException.Invalid($"input '{input}': binary_data_size is {size}, but {_left.Length} bytes of binary data are left; Inference-Header-Content-Length says where it begins");
        var taken = _left[..(int)size];
        _left = _left[(int)size..];
        return taken;
    }

    /// <exception cref="ServingException">Something is left over.</exception>
    public void ExpectEnd()
    {
        if (_left.Length > 0) throw ServingException.Invalid($"{_left.Length} bytes of binary data belong to no input");
    }
}

/// <summary>How much a tensor of a request has to hold.</summary>
internal static class TensorSizes
{
    /// <summary>Values of a shape.</summary>
    /// <exception cref="ServingException">It is none: a size below 0, or more values than there can be.</exception>
    public static long Values(string name, ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size < 0) throw ServingException.Invalid($"input '{name}': its shape has a dimension of {size}; each must be at least 0");
            if (size > int.MaxValue || (count *= size) > int.MaxValue)
                throw ServingException.Invalid($"input '{name}': its shape [{string.Join(", ", shape.ToArray())}] has more values than a request can hold");
        }

        return count;
    }
}
