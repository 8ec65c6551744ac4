using static TorchSharp.torch;

namespace AiDc.Trainer.Data;

/// <summary>One batch, owned by whoever took it from the loader.</summary>
/// <param name="Inputs">float32 [B, C, H, W], normalized.</param>
/// <param name="Labels">int64 [B].</param>
/// <param name="Indices">The positions in the data set that the loader really read.</param>
public sealed record Batch(Tensor Inputs, Tensor Labels, int[] Indices) : IDisposable
{
    public void Dispose()
    {
        Inputs.Dispose();
        Labels.Dispose();
    }
}
