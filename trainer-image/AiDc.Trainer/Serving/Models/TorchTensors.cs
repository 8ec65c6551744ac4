using TorchSharp;
using static TorchSharp.torch;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Between tensors of requests and those of torch.</summary>
internal static class TorchTensors
{
    private static readonly (Datatype Request, ScalarType Torch)[] Types =
    [
        (Datatype.Bool, ScalarType.Bool), (Datatype.UInt8, ScalarType.Byte), (Datatype.Int8, ScalarType.Int8), (Datatype.Int16, ScalarType.Int16),
        (Datatype.Int32, ScalarType.Int32), (Datatype.Int64, ScalarType.Int64), (Datatype.Fp16, ScalarType.Float16), (Datatype.Fp32, ScalarType.Float32),
        (Datatype.Fp64, ScalarType.Float64), (Datatype.Bf16, ScalarType.BFloat16),
    ];

    /// <summary>The types that torch has.</summary>
    public static IEnumerable<string> Names => Types.Select(t => t.Request.NameOf());

    public static bool Has(Datatype type) => Types.Any(t => t.Request == type);

    /// <summary>Copies.</summary>
    /// <param name="value">Checked: its data have the length that its shape says.</param>
    public static Tensor ToTorch(TensorValue value, Device device)
    {
        var tensor = empty(value.Shape, Array.Find(Types, t => t.Request == value.Datatype).Torch);
        if (!value.Data.IsEmpty) value.Data.Span.CopyTo(tensor.bytes);
        return device.type == DeviceType.CPU ? tensor : tensor.to(device);
    }

    /// <summary>Copies.</summary>
    public static TensorValue FromTorch(string name, Tensor tensor)
    {
        var type = Array.FindIndex(Types, t => t.Torch == tensor.dtype);
        if (type < 0) throw new NotSupportedException($"output {name} is of {tensor.dtype}, which the protocol has no type for");
        var host = tensor.detach().cpu().contiguous();
        return new(name, Types[type].Request, [.. host.shape], host.numel() == 0 ? ReadOnlyMemory<byte>.Empty : host.bytes.ToArray());
    }
}
