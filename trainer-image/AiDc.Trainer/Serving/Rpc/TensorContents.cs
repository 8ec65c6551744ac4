using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>Tensors as protobuf lists their values.</summary>
internal static class TensorContents
{
    /// <exception cref="ServingException">A value does not fit its type, or the type has no values in protobuf.</exception>
    public static byte[] ToBytes(string input, Datatype type, InferTensorContents contents) => type switch
    {
        Datatype.Bool => Bytes<bool, byte>(contents.BoolContents, v => (byte)(v ? 1 : 0)),
        Datatype.Int8 => Bytes(contents.IntContents, v => Fit<int, sbyte>(input, type, v)),
        Datatype.Int16 => Bytes(contents.IntContents, v => Fit<int, short>(input, type, v)),
        Datatype.Int32 => Bytes<int, int>(contents.IntContents, v => v),
        Datatype.Int64 => Bytes<long, long>(contents.Int64Contents, v => v),
        Datatype.UInt8 => Bytes(contents.UintContents, v => Fit<uint, byte>(input, type, v)),
        Datatype.UInt16 => Bytes(contents.UintContents, v => Fit<uint, ushort>(input, type, v)),
        Datatype.UInt32 => Bytes<uint, uint>(contents.UintContents, v => v),
        Datatype.UInt64 => Bytes<ulong, ulong>(contents.Uint64Contents, v => v),
        Datatype.Fp32 => Bytes<float, float>(contents.Fp32Contents, v => v),
        Datatype.Fp64 => Bytes<double, double>(contents.Fp64Contents, v => v),
        Datatype.Bytes => Strings(contents.BytesContents),
        _ => throw ServingException.Invalid($"input '{input}': {type.NameOf()} has no field in contents; send it in raw_input_contents"),
    };

    /// <summary>Bytes that all its lists take.</summary>
    public static long SizeOf(InferTensorContents contents) =>
        contents.BoolContents.Count + (sizeof(int) * ((long)contents.IntContents.Count + contents.UintContents.Count + contents.Fp32Contents.Count))
        + (sizeof(long) * ((long)contents.Int64Contents.Count + contents.Uint64Contents.Count + contents.Fp64Contents.Count))
        + contents.BytesContents.Sum(b => sizeof(uint) + (long)b.Length);

    /// <summary>Bytes that the list of its values takes; the lists of small types have larger ones.</summary>
    public static long SizeOf(TensorValue output) =>
        output.Datatype is Datatype.Int8 or Datatype.UInt8 or Datatype.Int16 or Datatype.UInt16 ? output.Data.Length / output.Datatype.SizeOf() * (long)sizeof(int) : output.Data.Length;

    /// <returns>Null for a type that protobuf has no field for.</returns>
    public static InferTensorContents? OfOutput(TensorValue output)
    {
        var contents = new InferTensorContents();
        var data = output.Data.Span;
        switch (output.Datatype)
        {
            case Datatype.Bool: foreach (var v in data) contents.BoolContents.Add(v != 0); break;
            case Datatype.Int8: foreach (var v in Values<sbyte>(data)) contents.IntContents.Add(v); break;
            case Datatype.Int16: foreach (var v in Values<short>(data)) contents.IntContents.Add(v); break;
            case Datatype.Int32: foreach (var v in Values<int>(data)) contents.IntContents.Add(v); break;
            case Datatype.Int64: foreach (var v in Values<long>(data)) contents.Int64Contents.Add(v); break;
            case Datatype.UInt8: foreach (var v in data) contents.UintContents.Add(v); break;
            case Datatype.UInt16: foreach (var v in Values<ushort>(data)) contents.UintContents.Add(v); break;
            case Datatype.UInt32: foreach (var v in Values<uint>(data)) contents.UintContents.Add(v); break;
            case Datatype.UInt64: foreach (var v in Values<ulong>(data)) contents.Uint64Contents.Add(v); break;
            case Datatype.Fp32: foreach (var v in Values<float>(data)) contents.Fp32Contents.Add(v); break;
            case Datatype.Fp64: foreach (var v in Values<double>(data)) contents.Fp64Contents.Add(v); break;
            case Datatype.Bytes: AddStrings(contents, data); break;
            default: return null;
        }

        return contents;
    }

    private static void AddStrings(InferTensorContents contents, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            contents.BytesContents.Add(ByteString.CopyFrom(data.Slice(sizeof(uint), length)));
            data = data[(sizeof(uint) + length)..];
        }
    }

    private static byte[] Strings(IList<ByteString> values)
    {
        var data = new byte[values.Sum(v => sizeof(uint) + v.Length)];
        var left = data.AsSpan();
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(left, (uint)value.Length);
            value.Span.CopyTo(left[sizeof(uint)..]);
            left = left[(sizeof(uint) + value.Length)..];
        }

        return data;
    }

    private static byte[] Bytes<TFrom, TTo>(IList<TFrom> values, Func<TFrom, TTo> convert) where TTo : struct
    {
        var typed = new TTo[values.Count];
        for (var i = 0; i < typed.Length; i++) typed[i] = convert(values[i]);
        return MemoryMarshal.AsBytes<TTo>(typed).ToArray();
    }

    private static TTo Fit<TFrom, TTo>(string input, Datatype type, TFrom value)
        where TFrom : System.Numerics.INumber<TFrom>
        where TTo : System.Numerics.INumber<TTo>
    {
        try
        {
            return TTo.CreateChecked(value);
        }
        catch (OverflowException)
        {
            throw ServingException.Invalid($"input '{input}': {value} is no {type.NameOf()}");
        }
    }

    private static ReadOnlySpan<T> Values<T>(ReadOnlySpan<byte> data) where T : struct => MemoryMarshal.Cast<byte, T>(data);
}
