using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A tensor as the memory that a native library reads and writes.</summary>
internal static partial class TensorMemory
{
    /// <exception cref="ArgumentException">Not contiguous, or on another kind of device.</exception>
    public static nint Of(Tensor tensor, TorchSharp.DeviceType device)
    {
        if (tensor.device_type != device)
            throw new ArgumentException($"the tensor is on {tensor.device_type}, the group works on {device}", nameof(tensor));
        if (!tensor.is_contiguous())
            throw new ArgumentException("the tensor is not contiguous", nameof(tensor));
        return tensor.numel() == 0 ? 0 : Data(tensor.Handle);
    }

    public static long Bytes(Tensor tensor) => tensor.numel() * tensor.ElementSize;

    /// <exception cref="ArgumentException">The output is not <paramref name="size"/> times the input.</exception>
    public static void RequireGathered(Tensor output, Tensor input, int size)
    {
        if (Bytes(output) != size * Bytes(input))
            throw new ArgumentException($"the output has {Bytes(output)} bytes, not {size} times the {Bytes(input)} of the input", nameof(output));
    }

    /// <summary>The first element of the tensor, a view's too; of any size, unlike Tensor.bytes. TorchSharp's own entry, which has no public face.</summary>
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint Data(nint tensor);
}
