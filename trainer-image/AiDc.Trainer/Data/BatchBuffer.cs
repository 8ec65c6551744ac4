using static TorchSharp.torch;

namespace AiDc.Trainer.Data;

/// <summary>Memory for one batch, kept for the life of the loader.</summary>
internal sealed class BatchBuffer : IDisposable
{
    private readonly Tensor inputs;
    private readonly Tensor labels;
    private readonly int[] indices;
    private readonly Lock gate = new();
    private bool lent, retired;

    public BatchBuffer(int rows, int channels, int height, int width)
    {
        // Scopes are bound to the thread that made a tensor; these live longer than any scope of the caller.
        inputs = empty([rows, channels, height, width], ScalarType.Float32).DetachFromDisposeScope();
        labels = empty([rows], ScalarType.Int64).DetachFromDisposeScope();
        indices = new int[rows];
    }

    /// <summary>Samples in it now.</summary>
    public int Rows { get; private set; }

    /// <summary>Writes the samples <paramref name="order"/> names into the front of the buffer.</summary>
    public void Fill(BatchFiller filler, ReadOnlySpan<int> order)
    {
        Rows = order.Length;
        order.CopyTo(indices);
        filler.Fill(order, inputs.bytes, labels.bytes);
    }

    /// <summary>The samples as a batch, which calls <paramref name="release"/> when it is disposed.</summary>
    public Batch Lend(Action release)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(retired, typeof(BatchLoader));
            lent = true;
            var rows = Rows == indices.Length ? indices : indices[..Rows];
            return new Batch(
                inputs.narrow(0, 0, Rows).DetachFromDisposeScope(), labels.narrow(0, 0, Rows).DetachFromDisposeScope(), rows, () =>
                {
                    Return();
                    release();
                });
        }
    }

    /// <summary>
    /// Frees the memory; if a consumer has it, as soon as its batch is disposed: pulling tensors from under a running
    /// operation of another thread would end the process.
    /// </summary>
    public void Dispose()
    {
        lock (gate)
        {
            retired = true;
            if (!lent) Free();
        }
    }

    private void Return()
    {
        lock (gate)
        {
            lent = false;
            if (retired) Free();
        }
    }

    private void Free()
    {
        inputs.Dispose();
        labels.Dispose();
    }
}
