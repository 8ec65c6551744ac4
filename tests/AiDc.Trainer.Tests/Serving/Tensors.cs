using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Tensors of numbers, and back.</summary>
internal static class Tensors
{
    public static TensorValue Fp32(string name, long[] shape, params float[] values) => Of(name, Datatype.Fp32, shape, values);

    public static TensorValue Of<T>(string name, Datatype type, long[] shape, params T[] values) where T : struct =>
        new(name, type, shape, MemoryMarshal.AsBytes<T>(values).ToArray());

    public static float[] Floats(TensorValue tensor) => MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray();

    public static float[] Floats(byte[] data) => MemoryMarshal.Cast<byte, float>(data).ToArray();
}
