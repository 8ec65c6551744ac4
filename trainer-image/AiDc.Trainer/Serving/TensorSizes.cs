using System.Buffers.Binary;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving;

/// <summary>How much a tensor of a request has to hold.</summary>
internal static class TensorSizes
{
    /// <summary>Values of a shape.</summary>
    /// <exception cref="ServingException">It is none: a size of 0, or more values than there can be.</exception>
    public static long Values(string name, ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size <= 0) throw ServingException.Invalid($"input '{name}': its shape has a dimension of {size}; each must be at least 1");
            if (size > int.MaxValue || (count *= size) > int.MaxValue)
                throw ServingException.Invalid($"input '{name}': its shape [{string.Join(", ", shape.ToArray())}] has more values than a request can hold");
        }

        return count;
    }

    /// <exception cref="ServingException">The data is not what the shape says.</exception>
    public static void Check(TensorValue tensor)
    {
        var values = Values(tensor.Name, tensor.Shape);
        if (tensor.Datatype == Datatype.Bytes)
        {
            if (!IsWhole(tensor.Data.Span, values))
                throw ServingException.Invalid($"input '{tensor.Name}': its data is not {values} values of BYTES, each a length of 4 bytes and so many bytes after it");
        }
        else if (tensor.Data.Length != values * tensor.Datatype.SizeOf())
        {
            throw ServingException.Invalid(
                $"input '{tensor.Name}': its data has {tensor.Data.Length} bytes, but {tensor.Datatype.NameOf()} [{string.Join(", ", tensor.Shape)}] has {values * tensor.Datatype.SizeOf()}");
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> data, long values)
    {
        for (; values > 0; values--)
        {
            if (!BinaryPrimitives.TryReadUInt32LittleEndian(data, out var length) || length > data.Length - sizeof(uint)) return false;
            data = data[(sizeof(uint) + (int)length)..];
        }

        return data.IsEmpty;
    }
}
