using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Training.Optimizers;

/// <summary>
/// Numbers for a TorchScript function, as one float64 tensor. TorchSharp wraps a number that is passed by itself in an object which the
/// garbage collector may take away before the native call has read it: then the call fails, or computes with something else.
/// </summary>
internal sealed class Rates : IDisposable
{
    public Rates(int count)
    {
        Tensor = zeros(count, float64);
        Tensor.DetachFromDisposeScope();
    }

    /// <summary>[count], in main memory.</summary>
    public Tensor Tensor { get; }

    public Tensor Set(params ReadOnlySpan<double> values)
    {
        values.CopyTo(MemoryMarshal.Cast<byte, double>(Tensor.bytes));
        return Tensor;
    }

    public void Dispose() => Tensor.Dispose();
}
