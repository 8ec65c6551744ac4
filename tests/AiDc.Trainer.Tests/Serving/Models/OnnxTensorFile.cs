using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;
using Google.Protobuf;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>Reads a TensorProto of ONNX, see onnx.proto at https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</summary>
internal static class OnnxTensorFile
{
    /// <returns>Null where it is no tensor that requests can carry: a sequence, an optional value, complex numbers.</returns>
    public static TensorValue? Read(string file, string name)
    {
        var (shape, type, raw) = (new List<long>(), 0, (byte[]?)null);
        var (texts, values) = (new List<ReadOnlyMemory<byte>>(), new List<byte[]>());
        var input = new CodedInputStream(File.ReadAllBytes(file));
        try
        {
            while (input.ReadTag() is var tag and not 0)
            {
                var packed = WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited;
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 1: Numbers(input, packed, () => shape.Add(input.ReadInt64())); break;
                    case 2: type = input.ReadInt32(); break;
                    case 4: Numbers(input, packed, () => values.Add(BitConverter.GetBytes(input.ReadFloat()))); break;
                    case 5 or 7 or 11: Numbers(input, packed, () => values.Add(BitConverter.GetBytes(input.ReadInt64()))); break;
                    case 6: texts.Add(input.ReadBytes().ToByteArray()); break;
                    case 9: raw = input.ReadBytes().ToByteArray(); break;
                    case 10: Numbers(input, packed, () => values.Add(BitConverter.GetBytes(input.ReadDouble()))); break;
                    default: input.SkipLastField(); break;
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }

        if (TypeOf(type) is not { } datatype) return null;
        long[] dimensions = [.. shape];
        if (datatype == Datatype.Bytes) return StringTensor.Create(name, dimensions, texts);
        var size = datatype.SizeOf();
        var data = raw ?? [.. values.SelectMany(v => v.Take(size))];
        return data.Length == dimensions.Aggregate(1L, (a, b) => a * b) * size ? new(name, datatype, dimensions, data) : null;
    }

    /// <summary>The values as doubles; not for texts.</summary>
    public static double[] Doubles(TensorValue tensor)
    {
        var data = tensor.Data.Span;
        return tensor.Datatype switch
        {
            Datatype.Fp16 => [.. MemoryMarshal.Cast<byte, Half>(data).ToArray().Select(v => (double)v)],
            Datatype.Fp32 => [.. MemoryMarshal.Cast<byte, float>(data).ToArray().Select(v => (double)v)],
            Datatype.Fp64 => MemoryMarshal.Cast<byte, double>(data).ToArray(),
            Datatype.Bf16 => [.. MemoryMarshal.Cast<byte, ushort>(data).ToArray().Select(v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16))],
            Datatype.Int64 => [.. MemoryMarshal.Cast<byte, long>(data).ToArray().Select(v => (double)v)],
            Datatype.Int32 => [.. MemoryMarshal.Cast<byte, int>(data).ToArray().Select(v => (double)v)],
            Datatype.Int16 => [.. MemoryMarshal.Cast<byte, short>(data).ToArray().Select(v => (double)v)],
            Datatype.Int8 => [.. MemoryMarshal.Cast<byte, sbyte>(data).ToArray().Select(v => (double)v)],
            Datatype.UInt64 => [.. MemoryMarshal.Cast<byte, ulong>(data).ToArray().Select(v => (double)v)],
            Datatype.UInt32 => [.. MemoryMarshal.Cast<byte, uint>(data).ToArray().Select(v => (double)v)],
            Datatype.UInt16 => [.. MemoryMarshal.Cast<byte, ushort>(data).ToArray().Select(v => (double)v)],
            _ => [.. data.ToArray().Select(v => (double)v)],
        };
    }

    private static void Numbers(CodedInputStream input, bool packed, Action read)
    {
        if (!packed)
        {
            read();
            return;
        }

        var end = input.ReadLength() + input.Position;
        while (input.Position < end) read();
    }

    private static Datatype? TypeOf(int onnx) => onnx switch
    {
        OnnxFile.Float => Datatype.Fp32,
        OnnxFile.UInt8 => Datatype.UInt8,
        OnnxFile.Int8 => Datatype.Int8,
        OnnxFile.UInt16 => Datatype.UInt16,
        OnnxFile.Int16 => Datatype.Int16,
        OnnxFile.Int32 => Datatype.Int32,
        OnnxFile.Int64 => Datatype.Int64,
        OnnxFile.String => Datatype.Bytes,
        OnnxFile.Bool => Datatype.Bool,
        OnnxFile.Float16 => Datatype.Fp16,
        OnnxFile.Double => Datatype.Fp64,
        OnnxFile.UInt32 => Datatype.UInt32,
        OnnxFile.UInt64 => Datatype.UInt64,
        OnnxFile.BFloat16 => Datatype.Bf16,
        _ => null,
    };
}
