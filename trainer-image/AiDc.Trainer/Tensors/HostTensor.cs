using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tensors;

/// <summary>A copy of a tensor in managed memory: what files hold, and what may outlive the step that it was taken in.</summary>
/// <param name="Shape">Empty for a scalar.</param>
/// <param name="Data">Row-major, little-endian.</param>
public sealed record HostTensor(string Name, ScalarType Type, long[] Shape, byte[] Data)
{
    /// <exception cref="ArgumentException">The tensor takes more than 2 GiB.</exception>
    public static HostTensor Copy(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var host = tensor.detach().cpu().contiguous();
        return new(name, host.dtype, [.. host.shape], host.numel() == 0 ? [] : host.bytes.ToArray());
    }

    /// <summary>Whether all of its values are numbers, and none of them infinite. Integers always are.</summary>
    public bool IsFinite() => Type switch
    {
        ScalarType.Float32 => NoneHas<uint>(0x7f80_0000),
        ScalarType.Float64 => NoneHas<ulong>(0x7ff0_0000_0000_0000),
        ScalarType.Float16 => NoneHas<ushort>(0x7c00),
        ScalarType.BFloat16 => NoneHas<ushort>(0x7f80),
        _ => true,
    };

    /// <summary>Infinities and what is no number have all bits of their exponent set.</summary>
    private bool NoneHas<T>(T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(Data))
        {
            if ((value & exponent) == exponent) return false;
        }

        return true;
    }

    /// <summary>Overwrites a tensor of the same type and shape; it may be a parameter and on any device.</summary>
    /// <exception cref="InvalidFileException">Type or shape differ.</exception>
    public void CopyTo(Tensor target, string file)
    {
        if (target.dtype != Type || !target.shape.SequenceEqual(Shape))
        {
            throw new InvalidFileException(
                file,
                $"tensor {Name} is {Type}[{string.Join(", ", Shape)}], but {target.dtype}[{string.Join(", ", target.shape)}] is needed here");
        }

        if (Data.Length == 0) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var host = empty(Shape, Type);
        Data.CopyTo(host.bytes);
        target.copy_(host);
    }
}
