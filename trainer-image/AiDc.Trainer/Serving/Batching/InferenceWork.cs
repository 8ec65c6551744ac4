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
