using System.Buffers;
using System.Buffers.Binary;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>Cuts tensors along the first dimension, and puts them together again.</summary>
internal static class TensorRows
{
    /// <returns>A view of these samples; it shares the memory.</returns>
    public static TensorValue Slice(TensorValue tensor, int from, int count)
    {
        if (from == 0 && count == tensor.Shape[0]) return tensor;
        var shape = (long[])tensor.Shape.Clone();
        shape[0] = count;
        var (start, end) = Range(tensor, from, count);
        return new(tensor.Name, tensor.Datatype, shape, tensor.Data[start..end]);
    }

    /// <summary>Tensors of the same name, type and shape but for the first dimension, as one.</summary>
    public static TensorValue Join(IReadOnlyList<TensorValue> parts)
    {
        var data = new byte[parts.Sum(p => (long)p.Data.Length)];
        return Join(parts, data);
    }

    /// <param name="memory">At least as long as all parts together.</param>
    public static TensorValue Join(IReadOnlyList<TensorValue> parts, Memory<byte> memory)
    {
        var shape = (long[])parts[0].Shape.Clone();
        (shape[0], var length) = (0, 0);
        foreach (var part in parts)
        {
            part.Data.CopyTo(memory[length..]);
            length += part.Data.Length;
            shape[0] += part.Shape[0];
        }

        return new(parts[0].Name, parts[0].Datatype, shape, memory[..length]);
    }

    private static (int Start, int End) Range(TensorValue tensor, int from, int count)
    {
        var rows = (int)tensor.Shape[0];
        if (tensor.Datatype != Datatype.Bytes)
        {
            var row = tensor.Data.Length / rows;
            return (from * row, (from + count) * row);
        }

        var values = 1L;
        foreach (var size in tensor.Shape.AsSpan(1)) values *= size;
        var start = Skip(tensor.Data.Span, 0, from * values);
        return (start, Skip(tensor.Data.Span, start, count * values));
    }

    /// <summary>Strings have their length before them.</summary>
    private static int Skip(ReadOnlySpan<byte> data, int offset, long values)
    {
        for (; values > 0; values--) offset += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
        return offset;
    }
}

/// <summary>The inputs of a batch, in memory that goes back to the pool once the model has run.</summary>
internal sealed class JoinedInputs : IDisposable
{
    private readonly List<byte[]> _rented = [];

    private JoinedInputs(IReadOnlyList<TensorValue> tensors) => Tensors = tensors;

    public IReadOnlyList<TensorValue> Tensors { get; private set; }

    public static JoinedInputs Of(Batch batch)
    {
        var first = batch.Slices[0];
        // Alone: nothing to copy.
        if (batch.Slices.Count == 1)
            return new(first.IsWhole ? first.Work.Inputs : [.. first.Work.Inputs.Select(i => TensorRows.Slice(i, first.From, first.Count))]);
        var joined = new JoinedInputs([]);
        joined.Tensors = [.. Enumerable.Range(0, first.Work.Inputs.Count).Select(i => joined.Join(batch, i))];
        return joined;
    }

    public void Dispose()
    {
        foreach (var memory in _rented) ArrayPool<byte>.Shared.Return(memory);
        _rented.Clear();
    }

    private TensorValue Join(Batch batch, int input)
    {
        var parts = batch.Slices.Select(s => TensorRows.Slice(s.Work.Inputs[input], s.From, s.Count)).ToArray();
        var memory = ArrayPool<byte>.Shared.Rent(parts.Sum(p => p.Data.Length));
        _rented.Add(memory);
        return TensorRows.Join(parts, memory);
    }
}
