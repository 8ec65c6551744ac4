using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Looks for NaN and infinity.</summary>
internal static class FiniteCheck
{
    /// <summary>Whether the tensor has such a value.</summary>
    public static bool Fails(TensorValue tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case Datatype.Fp32:
                foreach (var v in MemoryMarshal.Cast<byte, float>(data))
                {
                    if (!float.IsFinite(v)) return true;
                }

                break;
            case Datatype.Fp64:
                foreach (var v in MemoryMarshal.Cast<byte, double>(data))
                {
                    if (!double.IsFinite(v)) return true;
                }

                break;
            case Datatype.Fp16:
                foreach (var v in MemoryMarshal.Cast<byte, Half>(data))
                {
                    if (!Half.IsFinite(v)) return true;
                }

                break;
            case Datatype.Bf16:
                foreach (var v in MemoryMarshal.Cast<byte, ushort>(data))
                {
                    if (!float.IsFinite(Bf16.ToSingle(v))) return true;
                }

                break;
        }

        return false;
    }
}
