using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Between tensors of requests and those of ONNX Runtime.</summary>
internal static class OnnxTensors
{
    private static readonly (Datatype Request, TensorElementType Onnx)[] Types =
    [
        (Datatype.Bool, TensorElementType.Bool), (Datatype.UInt8, TensorElementType.UInt8), (Datatype.UInt16, TensorElementType.UInt16),
        (Datatype.UInt32, TensorElementType.UInt32), (Datatype.UInt64, TensorElementType.UInt64), (Datatype.Int8, TensorElementType.Int8),
        (Datatype.Int16, TensorElementType.Int16), (Datatype.Int32, TensorElementType.Int32), (Datatype.Int64, TensorElementType.Int64),
        (Datatype.Fp16, TensorElementType.Float16), (Datatype.Fp32, TensorElementType.Float), (Datatype.Fp64, TensorElementType.Double),
        (Datatype.Bf16, TensorElementType.BFloat16), (Datatype.Bytes, TensorElementType.String),
    ];

    /// <returns>Null for a type that requests cannot have.</returns>
    public static Datatype? Find(TensorElementType type) => Types.Where(t => t.Onnx == type).Select(t => (Datatype?)t.Request).FirstOrDefault();

    /// <summary>Refers to the request's memory, which stays where it is until <paramref name="pins"/> are released.</summary>
    public static unsafe OrtValue ToOnnx(TensorValue value, ICollection<IDisposable> pins)
    {
        if (value.Datatype == Datatype.Bytes) return Strings(value);
        var type = Array.Find(Types, t => t.Request == value.Datatype).Onnx;
        // No memory is a null pointer, which is refused.
        if (value.Data.IsEmpty) return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, value.Shape);
        var pin = value.Data.Pin();
        pins.Add(pin);
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, type, value.Shape, (IntPtr)pin.Pointer, value.Data.Length);
    }

    /// <summary>Copies.</summary>
    public static TensorValue FromOnnx(string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        if (info.ElementDataType == TensorElementType.String)
            return StringTensor.Create(name, info.Shape, Enumerable.Range(0, checked((int)info.ElementCount)).Select(i => (ReadOnlyMemory<byte>)value.GetStringElementAsSpan(i).ToArray()));
        var type = Find(info.ElementDataType) ?? throw new NotSupportedException($"output {name} is of {info.ElementDataType}");
        return new(name, type, info.Shape, info.ElementCount == 0 ? ReadOnlyMemory<byte>.Empty : value.GetTensorMutableRawData().ToArray());
    }

    private static OrtValue Strings(TensorValue value)
    {
        var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, value.Shape);
        var at = 0;
        foreach (var text in StringTensor.Values(value.Data)) strings.StringTensorSetElementAt(text.Span, at++);
        return strings;
    }
}
