using System.Text.Json;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>What the protocol v2 says of a model.</summary>
internal static class MetadataJson
{
    /// <summary>The members of the object.</summary>
    public static void Write(Utf8JsonWriter json, ModelMetadata model)
    {
        json.WriteString("name"u8, model.Name);
        json.WriteStartArray("versions"u8);
        foreach (var version in model.Versions) json.WriteStringValue(version);
        json.WriteEndArray();
        json.WriteString("platform"u8, model.Platform);
        Write(json, "inputs", model.Inputs);
        Write(json, "outputs", model.Outputs);
        if (model.Classes is not { } classes) return;
        // Parameters are strings, numbers or booleans.
        json.WriteStartObject("parameters"u8);
        json.WriteString("classes"u8, string.Join(',', classes));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<TensorMetadata> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tensor.Name);
            json.WriteString("datatype"u8, tensor.Datatype.NameOf());
            json.WriteStartArray("shape"u8);
            foreach (var size in tensor.Shape) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
