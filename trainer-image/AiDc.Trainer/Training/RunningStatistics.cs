using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>
/// Batch norm's running mean and variance as part of a step's transaction. Every forward pass of a step starts from the values before the
/// step, and the step's new values are the mean over all passes of all ranks, weighted by their samples: one update a step, whatever the
/// number of ranks and of micro batches.
/// </summary>
internal sealed class RunningStatistics : IDisposable
{
    private readonly List<(Tensor Buffer, Tensor Before)> _averaged = [];
    private readonly List<(Tensor Buffer, Tensor Before)> _counters = [];

    /// <param name="buffers">All buffers of the model; those of other kinds are left alone by training.</param>
    public RunningStatistics(IEnumerable<(string Name, Tensor Buffer)> buffers)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, buffer) in buffers)
        {
            var list = name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? _counters : _averaged;
            list.Add((buffer, buffer.clone().DetachFromDisposeScope()));
        }

        Values = (int)_averaged.Sum(b => b.Buffer.numel());
    }

    /// <summary>How many values take part in the average.</summary>
    public int Values { get; }

    /// <summary>A step begins.</summary>
    public void Save()
    {
        foreach (var (buffer, before) in All) before.copy_(buffer);
    }

    /// <summary>Adds what a forward pass left behind, and puts the values before the step back.</summary>
    /// <param name="sums">float32 [Values].</param>
    /// <param name="weight">The pass's share of the step's samples.</param>
    public void Take(Tensor sums, double weight)
    {
        var at = 0L;
        using TorchSharp.Scalar share = weight;
        foreach (var (buffer, _) in _averaged)
        {
            sums.narrow(0, at, buffer.numel()).add_(buffer.flatten(), share);
            at += buffer.numel();
        }

        Restore();
    }

    /// <summary>The step is done: the average becomes the state.</summary>
    public void Set(Tensor sums)
    {
        var at = 0L;
        foreach (var (buffer, _) in _averaged)
        {
            buffer.copy_(sums.narrow(0, at, buffer.numel()).view(buffer.shape));
            at += buffer.numel();
        }

        using TorchSharp.Scalar one = 1;
        foreach (var (buffer, _) in _counters) buffer.add_(one);
    }

    public void Restore()
    {
        foreach (var (buffer, before) in All) buffer.copy_(before);
    }

    public void Dispose()
    {
        foreach (var (_, before) in All) before.Dispose();
    }

    private IEnumerable<(Tensor Buffer, Tensor Before)> All => _averaged.Concat(_counters);
}
