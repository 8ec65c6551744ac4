using System.Buffers;
using System.Text.Json;
using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Responses of KServe's V1 protocol: {"predictions": [...]}, a value for each instance, or an object where there are several outputs.</summary>
internal static class V1ResponseWriter
{
    /// <exception cref="NotFiniteException">A value is none of JSON.</exception>
    public static void Write(IBufferWriter<byte> target, IReadOnlyList<TensorValue> outputs)
    {
        using var json = new Utf8JsonWriter(target, V2ResponseWriter.Options);
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        var rows = outputs is [var first, ..] && first.Shape.Length > 0 ? (int)first.Shape[0] : 0;
        if (outputs.Any(o => o.Shape.Length == 0 || o.Shape[0] != rows))
            throw new ServingException(ServingError.ModelFailed, "the model's outputs do not have one value for each instance: use the protocol v2");
        for (var row = 0; row < rows; row++)
        {
            if (outputs.Count == 1) TensorJson.WriteNested(json, TensorRows.Slice(outputs[0], row, 1));
            else WriteRow(json, outputs, row);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, IReadOnlyList<TensorValue> outputs, int row)
    {
        json.WriteStartObject();
        foreach (var output in outputs)
        {
            json.WritePropertyName(output.Name);
            TensorJson.WriteNested(json, TensorRows.Slice(output, row, 1));
        }

        json.WriteEndObject();
    }
}
