using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A connected group of Gloo. Tensors are on the CPU.</summary>
internal sealed class GlooGroup(GlooHandle handle, int rank, int size) : ICollectiveGroup
{
    public int Rank => rank;

    public int Size => size;

    public void AllReduceSum(Tensor tensor)
    {
        var type = tensor.dtype switch
        {
            ScalarType.Float32 => GlooNative.Float32,
            ScalarType.Float64 => GlooNative.Float64,
            ScalarType.BFloat16 => GlooNative.BFloat16,
            ScalarType.Int64 => GlooNative.Int64,
            var other => throw new ArgumentException($"the sum over ranks takes float32, float64, bfloat16 and int64, not {other}", nameof(tensor)),
        };
        GlooNative.Check(GlooNative.AllReduceSum(handle, TensorMemory.Of(tensor, TorchSharp.DeviceType.CPU), tensor.numel(), type, out var error), in error);
        GC.KeepAlive(tensor);
    }

    public void Broadcast(Tensor tensor, int root)
    {
        GlooNative.Check(GlooNative.Broadcast(handle, TensorMemory.Of(tensor, TorchSharp.DeviceType.CPU), TensorMemory.Bytes(tensor), root, out var error), in error);
        GC.KeepAlive(tensor);
    }

    public void AllGather(Tensor output, Tensor input)
    {
        TensorMemory.RequireGathered(output, input, size);
        var (to, from) = (TensorMemory.Of(output, TorchSharp.DeviceType.CPU), TensorMemory.Of(input, TorchSharp.DeviceType.CPU));
        GlooNative.Check(GlooNative.AllGather(handle, to, from, TensorMemory.Bytes(input), out var error), in error);
        GC.KeepAlive(output);
        GC.KeepAlive(input);
    }

    public void Barrier() => GlooNative.Check(GlooNative.Barrier(handle, out var error), in error);

    public void Abort() => GlooNative.Abort(handle);

    /// <summary>
    /// A healthy group takes leave of its peers, for up to a second, so that none misses what is still under way. Whoever is
    /// inside a collective ends it first: call <see cref="Abort"/> before, unless it ends by itself.
    /// </summary>
    public void Dispose() => handle.Dispose();
}
