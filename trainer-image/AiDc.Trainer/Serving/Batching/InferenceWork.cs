using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>A request on its way through the model. Who holds the lock of the queue may change it.</summary>
/// <param name="inputs">In the model's order.</param>
/// <param name="rows">Samples: the first dimension of each input.</param>
/// <param name="arrived">Timestamp.</param>
internal sealed class InferenceWork(IReadOnlyList<TensorValue> inputs, int rows, long arrived)
{
    private readonly TaskCompletionSource<InferenceOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<IReadOnlyList<TensorValue>>? _parts;
    private int _done;

    public IReadOnlyList<TensorValue> Inputs { get; } = inputs;

    public int Rows { get; } = rows;

    public ShapeKey Shape { get; } = ShapeKey.Of(inputs);

    public long Arrived { get; } = arrived;

    /// <summary>Since when it waits, or waits again.</summary>
    public long Queued { get; set; } = arrived;

    /// <summary>When its first sample went into a batch; 0 before.</summary>
    public long Started { get; set; }

    /// <summary>Samples that went into batches.</summary>
    public int Taken { get; set; }

    /// <summary>Its place in the queue; null when it is not in it.</summary>
    public LinkedListNode<InferenceWork>? Node { get; set; }

    public Task<InferenceOutcome> Completion => _completion.Task;

    public bool Over => _completion.Task.IsCompleted;

    /// <summary>What came of the next samples, in order.</summary>
    /// <param name="samples">All of the request, or as many as <paramref name="outputs"/> have rows.</param>
    public void Add(IReadOnlyList<TensorValue> outputs, int samples, int batchRows, long now)
    {
        if (samples == Rows)
        {
            _completion.TrySetResult(new(outputs, Started - Arrived, now - Started, now, batchRows));
            return;
        }

        (_parts ??= []).Add(outputs);
        _done += samples;
        if (_done < Rows) return;
        var whole = outputs.Select((_, i) => TensorRows.Join([.. _parts.Select(p => p[i])])).ToArray();
        _completion.TrySetResult(new(whole, Started - Arrived, now - Started, now, batchRows));
    }

    public void Fail(Exception error) => _completion.TrySetException(error);

    public void Cancel(CancellationToken token) => _completion.TrySetCanceled(token);
}

/// <summary>What the model answered to a request.</summary>
/// <param name="QueueTicks">Ticks of the clock's timestamps that it waited for the model.</param>
/// <param name="ComputeTicks">Ticks from the start of its first batch to the end of its last.</param>
/// <param name="Ended">Timestamp of the end of its last batch.</param>
/// <param name="BatchRows">Samples in its last batch, with those of other requests.</param>
internal sealed record InferenceOutcome(IReadOnlyList<TensorValue> Outputs, long QueueTicks, long ComputeTicks, long Ended, int BatchRows);

/// <summary>What the model computes at once.</summary>
/// <param name="Rows">Samples of all slices.</param>
internal sealed record Batch(IReadOnlyList<BatchSlice> Slices, int Rows)
{
    public static readonly Batch None = new([], 0);
}

/// <summary>Samples of one request in a batch.</summary>
internal readonly record struct BatchSlice(InferenceWork Work, int From, int Count)
{
    public bool IsWhole => Count == Work.Rows;
}

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
