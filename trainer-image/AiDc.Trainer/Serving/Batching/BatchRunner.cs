using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Telemetry;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>
/// The thread that computes. libtorch's scopes belong to a thread, and its operations use all cores by themselves, so one is enough. What
/// arrives while it computes makes up the next batch.
/// </summary>
internal sealed class BatchRunner : IDisposable
{
    private readonly object _lock = new();
    private readonly IServedModel _model;
    private readonly BatchQueue _queue;
    private readonly TimeProvider _time;
    private readonly ServerMetrics _metrics;
    private readonly Thread _thread;
    private int _coming;
    private bool _stopped;
    private long _runningSince;

    /// <param name="maxRows">Samples of a batch; 0 when the model does not treat each sample by itself.</param>
    public BatchRunner(IServedModel model, int maxRows, TimeSpan maxWait, TimeProvider time, ServerMetrics metrics)
    {
        (_model, _time, _metrics) = (model, time, metrics);
        Health = new(model, time);
        _queue = new(maxRows, (long)(maxWait.TotalSeconds * time.TimestampFrequency));
        _thread = new(Loop) { Name = "inference", IsBackground = true };
        _thread.Start();
    }

    public ModelHealth Health { get; }

    /// <summary>Requests that wait for the model.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>How long the batch that is being computed has taken so far.</summary>
    public TimeSpan Running => Volatile.Read(ref _runningSince) is > 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Says that a request is about to be queued: it is worth a wait. Followed by <see cref="RunAsync"/> or <see cref="Forget"/>.</summary>
    public void Announce()
    {
        lock (_lock) _coming++;
    }

    /// <summary>The request that was announced does not come.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _coming--;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Queues a request that was announced.</summary>
    /// <param name="inputs">In the model's order; the same number of samples in each.</param>
    /// <exception cref="OperationCanceledException">The request is over; it is not computed if it has not been begun.</exception>
    /// <exception cref="ServingException">The model does not take it, or failed.</exception>
    public async Task<InferenceOutcome> RunAsync(IReadOnlyList<TensorValue> inputs, CancellationToken cancellation)
    {
        var work = new InferenceWork(inputs, inputs[0].Shape is [var samples, ..] ? (int)samples : 1, _time.GetTimestamp());
        lock (_lock)
        {
            _coming--;
            _queue.Add(work);
            Monitor.Pulse(_lock);
        }

        await using (cancellation.UnsafeRegister((state, token) => Drop((InferenceWork)state!, token), work).ConfigureAwait(false))
            return await work.Completion.ConfigureAwait(false);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join();
    }

    private void Drop(InferenceWork work, CancellationToken token)
    {
        lock (_lock) _queue.Remove(work);
        work.Cancel(token);
    }

    private void Loop()
    {
        while (Next() is { } batch)
        {
            if (batch.Slices.Count == 0)
            {
                Health.Works();
                continue;
            }

            Volatile.Write(ref _runningSince, Math.Max(1, _time.GetTimestamp()));
            Run(batch);
            Volatile.Write(ref _runningSince, 0);
        }
    }

    /// <returns>Null at the end; one of nothing when the model, which fails, is to be looked at again.</returns>
    private Batch? Next()
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                var now = _time.GetTimestamp();
                if (_queue.Take(now, _coming > 0, out var dueAt) is { } batch) return batch;
                if (dueAt == long.MaxValue && Health is { IsFailing: true, CanLook: true })
                {
                    if (!Monitor.Wait(_lock, ModelHealth.Look)) return Batch.None;
                }
                else if (dueAt == long.MaxValue) Monitor.Wait(_lock);
                else Monitor.Wait(_lock, (int)Math.Max(1, Math.Ceiling(_time.GetElapsedTime(now, dueAt).TotalMilliseconds)));
            }

            return null;
        }
    }

    private void Run(Batch batch)
    {
        var started = _time.GetTimestamp();
        try
        {
            using var inputs = JoinedInputs.Of(batch);
            var outputs = _model.Run(inputs.Tensors);
            _metrics.Computed(_time.GetElapsedTime(started), batch.Rows);
            Hand(batch, outputs);
            Health.Computed(inputs.Tensors);
        }
#pragma warning disable CA1031 // Whatever a model does, the server goes on.
        catch (Exception error)
        {
            Fail(batch, error);
        }
#pragma warning restore CA1031
    }

    private void Hand(Batch batch, IReadOnlyList<TensorValue> outputs)
    {
        var now = _time.GetTimestamp();
        if (batch.Slices is [{ IsWhole: true } only])
        {
            only.Work.Add(outputs, only.Count, batch.Rows, now);
            return;
        }

        foreach (var output in outputs)
        {
            if (output.Shape.Length == 0 || output.Shape[0] != batch.Rows)
            {
                var shape = string.Join(", ", output.Shape);
                throw new ServingException(
                    ServingError.ModelFailed, $"output '{output.Name}' of the model has the shape [{shape}] for a batch of {batch.Rows}: its first dimension must count the samples");
            }
        }

        var row = 0;
        foreach (var slice in batch.Slices)
        {
            var from = row;
            slice.Work.Add([.. outputs.Select(o => TensorRows.Slice(o, from, slice.Count))], slice.Count, batch.Rows, now);
            row += slice.Count;
        }
    }

    /// <summary>Of libtorch's errors the first line says what is wrong, the rest is its stack.</summary>
    private static ServingException Failed(Exception error, bool onValues) =>
        new(onValues && error is ModelFailureException ? ServingError.InvalidInput : ServingError.ModelFailed, $"the model failed: {error.Message.Split('\n', 2)[0]}", error);

    /// <summary>One request's input may be at fault: then the others must not suffer.</summary>
    private void Fail(Batch batch, Exception error)
    {
        if (batch.Slices.Count > 1)
        {
            foreach (var slice in batch.Slices.Where(s => !s.Work.Over)) Run(new([slice], slice.Count));
            return;
        }

        var work = batch.Slices[0].Work;
        lock (_lock) _queue.Remove(work);
        work.Fail(error switch
        {
            ServingException => error,
            ModelInputException => ServingException.Invalid(error.Message, error),
            _ => Failed(error, Health.BlamesRequest()),
        });
    }
}
