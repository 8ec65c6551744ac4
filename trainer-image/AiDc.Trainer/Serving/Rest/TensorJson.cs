using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Writes the values of a tensor into JSON.</summary>
internal static class TensorJson
{
    /// <summary>All values as one flat array.</summary>
    /// <exception cref="NotFiniteException">A value is NaN or infinite, which JSON cannot say.</exception>
    public static void WriteFlat(Utf8JsonWriter json, TensorValue tensor)
    {
        json.WriteStartArray();
        WriteValues(json, tensor.Name, tensor.Datatype, tensor.Data.Span);
        json.WriteEndArray();
    }

    /// <summary>One sample as nested arrays of its dimensions, or as a single value when it has none.</summary>
    /// <param name="sample">The first dimension is 1.</param>
    /// <inheritdoc cref="WriteFlat"/>
    public static void WriteNested(Utf8JsonWriter json, TensorValue sample) =>
        WriteNested(json, sample.Name, sample.Datatype, sample.Shape.AsSpan(1), sample.Data.Span);

    private static ReadOnlySpan<byte> WriteNested(Utf8JsonWriter json, string name, Datatype type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        if (shape.IsEmpty)
        {
            var size = type == Datatype.Bytes ? sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data) : type.SizeOf();
            WriteValues(json, name, type, data[..size]);
            return data[size..];
        }

        json.WriteStartArray();
        for (var i = 0L; i < shape[0]; i++) data = WriteNested(json, name, type, shape[1..], data);
        json.WriteEndArray();
        return data;
    }

    private static void WriteValues(Utf8JsonWriter json, string name, Datatype type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case Datatype.Fp32: foreach (var v in Values<float>(data)) WriteFinite(json, name, v); break;
            case Datatype.Fp64: foreach (var v in Values<double>(data)) WriteFinite(json, name, v); break;
            case Datatype.Fp16: foreach (var v in Values<Half>(data)) WriteFinite(json, name, (float)v); break;
            case Datatype.Bf16: foreach (var v in Values<ushort>(data)) WriteFinite(json, name, Bf16.ToSingle(v)); break;
            case Datatype.Int64: foreach (var v in Values<long>(data)) json.WriteNumberValue(v); break;
            case Datatype.Int32: foreach (var v in Values<int>(data)) json.WriteNumberValue(v); break;
            case Datatype.Int16: foreach (var v in Values<short>(data)) json.WriteNumberValue(v); break;
            case Datatype.Int8: foreach (var v in Values<sbyte>(data)) json.WriteNumberValue(v); break;
            case Datatype.UInt64: foreach (var v in Values<ulong>(data)) json.WriteNumberValue(v); break;
            case Datatype.UInt32: foreach (var v in Values<uint>(data)) json.WriteNumberValue(v); break;
            case Datatype.UInt16: foreach (var v in Values<ushort>(data)) json.WriteNumberValue(v); break;
            case Datatype.UInt8: foreach (var v in data) json.WriteNumberValue(v); break;
            case Datatype.Bool: foreach (var v in data) json.WriteBooleanValue(v != 0); break;
            default: WriteStrings(json, name, data); break;
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            try
            {
                json.WriteStringValue(data.Slice(sizeof(uint), length));
            }
            catch (ArgumentException error)
            {
                throw new ServingException(ServingError.InvalidInput, $"output '{name}' is no text in UTF-8: ask for it as binary data", error);
            }

            data = data[(sizeof(uint) + length)..];
        }
    }

    private static ReadOnlySpan<T> Values<T>(ReadOnlySpan<byte> data) where T : struct => MemoryMarshal.Cast<byte, T>(data);

    private static void WriteFinite(Utf8JsonWriter json, string name, float value)
    {
        if (!float.IsFinite(value)) throw new NotFiniteException(name, value);
        json.WriteNumberValue(value);
    }

    private static void WriteFinite(Utf8JsonWriter json, string name, double value)
    {
        if (!double.IsFinite(value)) throw new NotFiniteException(name, value);
        json.WriteNumberValue(value);
    }
}

/// <summary>Looks for NaN and infinity.</summary>
internal static class FiniteCheck
{
    /// <summary>Whether the tensor has such a value.</summary>
    public static bool Fails(TensorValue tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case Datatype.Fp32:
                foreach (var v in MemoryMarshal.Cast<byte, float>(data))
                {
                    if (!float.IsFinite(v)) return true;
                }

                break;
            case Datatype.Fp64:
                foreach (var v in MemoryMarshal.Cast<byte, double>(data))
                {
                    if (!double.IsFinite(v)) return true;
                }

                break;
            case Datatype.Fp16:
                foreach (var v in MemoryMarshal.Cast<byte, Half>(data))
                {
                    if (!Half.IsFinite(v)) return true;
                }

                break;
            case Datatype.Bf16:
                foreach (var v in MemoryMarshal.Cast<byte, ushort>(data))
                {
                    if (!float.IsFinite(Bf16.ToSingle(v))) return true;
                }

                break;
        }

        return false;
    }
}

/// <summary>An output that JSON cannot say.</summary>
internal sealed class NotFiniteException(string output, double value)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"output '{output}' has the value {value}, which is no JSON: ask for it as binary data"));

/// <summary>bfloat16: the upper half of a float.</summary>
internal static class Bf16
{
    public const ushort NaN = 0x7FC0;

    /// <summary>The nearest; of two the even one. The value is finite.</summary>
    public static ushort FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
