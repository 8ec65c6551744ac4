using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>Equal for requests whose tensors can be joined along the first dimension: of the same names, types and other dimensions.</summary>
internal sealed class ShapeKey : IEquatable<ShapeKey>
{
    private readonly IReadOnlyList<TensorValue> _inputs;
    private readonly int _hash;

    private ShapeKey(IReadOnlyList<TensorValue> inputs, int hash) => (_inputs, _hash) = (inputs, hash);

    /// <param name="inputs">In the order that all requests have.</param>
    public static ShapeKey Of(IReadOnlyList<TensorValue> inputs)
    {
        var hash = default(HashCode);
        foreach (var input in inputs)
        {
            hash.Add(input.Shape.Length);
            foreach (var size in OfSample(input)) hash.Add(size);
        }

        return new(inputs, hash.ToHashCode());
    }

    public bool Equals(ShapeKey? other)
    {
        if (other is null || _hash != other._hash || _inputs.Count != other._inputs.Count) return false;
        for (var i = 0; i < _inputs.Count; i++)
        {
            var (a, b) = (_inputs[i], other._inputs[i]);
            if (a.Datatype != b.Datatype || a.Name != b.Name || !OfSample(a).SequenceEqual(OfSample(b))) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ShapeKey);

    public override int GetHashCode() => _hash;

    private static ReadOnlySpan<long> OfSample(TensorValue tensor) => tensor.Shape.Length == 0 ? [] : tensor.Shape.AsSpan(1);
}
