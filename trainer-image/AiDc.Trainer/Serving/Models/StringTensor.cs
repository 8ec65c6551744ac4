using System.Buffers.Binary;
using System.Text;

namespace AiDc.Trainer.Serving.Models;

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
