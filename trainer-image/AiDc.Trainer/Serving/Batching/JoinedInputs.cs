using System.Buffers;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

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
