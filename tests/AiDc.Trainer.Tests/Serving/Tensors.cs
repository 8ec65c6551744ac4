using System.Runtime.InteropServices;
using System.Text;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Tensors of requests, made and read.</summary>
internal static class Tensors
{
    public static TensorValue Floats(string name, long[] shape, params float[] values) => Of(name, Datatype.Fp32, shape, values);

    public static TensorValue Of<T>(string name, Datatype type, long[] shape, params T[] values) where T : struct =>
        new(name, type, shape, MemoryMarshal.AsBytes<T>(values).ToArray());

    /// <summary>Values of any type: bytes that count up, and for BOOL 0 and 1.</summary>
    public static TensorValue Counting(string name, Datatype type, params long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        if (type == Datatype.Bytes) return StringTensor.Create(name, shape, Enumerable.Range(0, count).Select(i => new string('ä', i)));
        return new(name, type, shape, Enumerable.Range(0, count * type.SizeOf()).Select(i => (byte)(type == Datatype.Bool ? i % 2 : i)).ToArray());
    }

    public static float[] Floats(this TensorValue value) => MemoryMarshal.Cast<byte, float>(value.Data.Span).ToArray();

    public static float[] Floats(byte[] data) => MemoryMarshal.Cast<byte, float>(data).ToArray();

    public static string[] Strings(this TensorValue value) => [.. StringTensor.Values(value.Data).Select(v => Encoding.UTF8.GetString(v.Span))];

    public static TensorValue Named(this IReadOnlyList<TensorValue> values, string name) => values.Single(v => v.Name == name);
}
