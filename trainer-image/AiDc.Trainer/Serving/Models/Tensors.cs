using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Names and sizes of the types.</summary>
public static class Datatypes
{
    /// <summary>All names, in the protocol's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Datatype>().Select(NameOf)];

    /// <summary>As the protocol spells it: FP32, INT64, BYTES.</summary>
    public static string NameOf(this Datatype type) => type.ToString().ToUpperInvariant();

    /// <returns>Null where there is no such type. The case matters.</returns>
    public static Datatype? Find(string? name) => Enum.GetValues<Datatype>().Where(t => t.NameOf() == name).Select(t => (Datatype?)t).FirstOrDefault();

    /// <summary>Bytes of one value; 0 for <see cref="Datatype.Bytes"/>, whose values differ in length.</summary>
    public static int SizeOf(this Datatype type) => type switch
    {
        Datatype.Bool or Datatype.UInt8 or Datatype.Int8 => 1,
        Datatype.UInt16 or Datatype.Int16 or Datatype.Fp16 or Datatype.Bf16 => 2,
        Datatype.UInt32 or Datatype.Int32 or Datatype.Fp32 => 4,
        Datatype.UInt64 or Datatype.Int64 or Datatype.Fp64 => 8,
        _ => 0,
    };
}

/// <summary>The types of the Open Inference Protocol v2 (https://github.com/kserve/open-inference-protocol), and BF16, which Triton and KServe add.</summary>
[SuppressMessage("Naming", "CA1720:Identifiers should not contain type names", Justification = "The protocol's names.")]
public enum Datatype
{
    Bool,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Fp32,
    Fp64,
    Bf16,

    /// <summary>Strings of bytes: each is its length as a little-endian uint32, then that many bytes.</summary>
    Bytes,
}

/// <summary>What a model says of an input or an output.</summary>
/// <param name="Shape">-1 where any size will do; the first dimension counts the samples of a batch. Empty: the model does not say.</param>
public sealed record TensorMetadata(string Name, Datatype Datatype, IReadOnlyList<long> Shape);

/// <summary>A tensor of a request or of a response.</summary>
/// <param name="Shape">The first dimension counts samples.</param>
/// <param name="Data">Row-major, little-endian; for <see cref="Datatype.Bytes"/> each value is its length as uint32, then that many bytes.</param>
public sealed record TensorValue(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Data);

/// <summary>Values of <see cref="Datatype.Bytes"/>: each its length as a little-endian uint32, then that many bytes.</summary>
public static class StringTensor
{
    public static TensorValue Create(string name, long[] shape, IEnumerable<ReadOnlyMemory<byte>> values)
    {
        using var data = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(uint)];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)value.Length);
            data.Write(length);
            data.Write(value.Span);
        }

        return new(name, Datatype.Bytes, shape, data.ToArray());
    }

    public static TensorValue Create(string name, long[] shape, IEnumerable<string> values) =>
        Create(name, shape, values.Select(v => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(v)));

    /// <param name="data">Checked: whole.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Values(ReadOnlyMemory<byte> data)
    {
        while (data.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data.Span);
            yield return data.Slice(sizeof(uint), length);
            data = data[(sizeof(uint) + length)..];
        }
    }
}
