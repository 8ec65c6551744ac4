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
