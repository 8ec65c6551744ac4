using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Responses of the Open Inference Protocol v2.</summary>
internal static class V2ResponseWriter
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the JSON. The tensors of <paramref name="binary"/> have to follow it, in that order.</summary>
    /// <exception cref="NotFiniteException">A value is none of JSON.</exception>
    public static void Write(
        IBufferWriter<byte> target, ModelMetadata model, string? id, IReadOnlyList<TensorValue> outputs, Func<TensorValue, bool> binary)
    {
        using var json = new Utf8JsonWriter(target, Options);
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, model.Versions[0]);
        if (id is not null) json.WriteString("id"u8, id);
        json.WriteStartArray("outputs"u8);
        foreach (var output in outputs) WriteOutput(json, output, binary(output));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, TensorValue output, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, output.Name);
        json.WriteString("datatype"u8, output.Datatype.NameOf());
        json.WriteStartArray("shape"u8);
        foreach (var size in output.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, output.Data.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName("data"u8);
            TensorJson.WriteFlat(json, output);
        }

        json.WriteEndObject();
    }
}

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
        // The protocol's properties are strings. Over gRPC there are none: their number is that of another field with MLServer's client.
        json.WriteStartObject("properties"u8);
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
