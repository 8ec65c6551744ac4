using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Tests.Serving.Models;

namespace AiDc.Trainer.Tests.Serving.Sources;

/// <summary>An ONNX model that multiplies: models that can be told from each other, of any size.</summary>
internal static class Scaling
{
    /// <param name="padding">Bytes of weights that are not used.</param>
    public static byte[] By(float factor, int padding = 0) => new OnnxFile().Input("x", OnnxFile.Float, -1).Output("y", OnnxFile.Float, -1)
        .Constant("unused", OnnxFile.UInt8, [padding], new byte[padding])
        .Constant("factor", OnnxFile.Float, [1], BitConverter.GetBytes(factor)).Node("Mul", ["x", "factor"], ["y"]).Bytes();

    /// <summary>What it makes of 3; closes it.</summary>
    public static float Answer(IServedModel model)
    {
        using (model) return model.Run([Tensors.Floats("x", [1], 3)])[0].Floats()[0];
    }
}
