using static TorchSharp.torch;

namespace AiDc.Trainer.Data;

/// <summary>
/// One batch. The tensors are views of buffers that the loader fills again: they are good until the batch is disposed or
/// the next one is asked for, so finish the backward pass before.
/// </summary>
/// <param name="Inputs">float32 [B, C, H, W], normalized.</param>
/// <param name="Labels">int64 [B].</param>
/// <param name="Indices">[B], the positions in the data set of the samples.</param>
public sealed record Batch(Tensor Inputs, Tensor Labels, int[] Indices) : IDisposable
{
    private readonly Action? release;
    private int disposed;

    internal Batch(Tensor inputs, Tensor labels, int[] indices, Action release) : this(inputs, labels, indices) => this.release = release;

    /// <summary>Gives the buffers back to the loader, so that it can fill them again before the next batch is asked for.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        Inputs.Dispose();
        Labels.Dispose();
        release?.Invoke();
    }
}
