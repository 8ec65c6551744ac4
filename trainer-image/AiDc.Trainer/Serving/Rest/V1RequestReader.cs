using System.Text.Json;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>
/// The JSON of KServe's V1 protocol, which is TensorFlow Serving's row format: {"instances": [...]}. An instance is the value of the only
/// input, or an object of the inputs by name, or {"b64": "..."} with an image. Data types are the model's; so is the shape, where the
/// numbers come flat.
/// </summary>
internal static class V1RequestReader
{
    /// <exception cref="ServingException">It is no such request; the message says where and why.</exception>
    public static IReadOnlyList<TensorValue> Read(ReadOnlyMemory<byte> body, IServedModel model)
    {
        var reader = new Utf8JsonReader(body.Span);
        try
        {
            reader.Read();
            var inputs = ReadRequest(ref reader, body.Span, model);
            if (reader.Read()) throw ServingException.Invalid("there is more after the request's object");
            return inputs ?? throw ServingException.Invalid("'instances' is missing: an array of inputs");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw JsonFaults.Of(error, body.Span);
        }
    }

    private static IReadOnlyList<TensorValue>? ReadRequest(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IServedModel model)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, "the request", "an object with 'instances'");
        IReadOnlyList<TensorValue>? inputs = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // KServe takes the other name too.
            var instances = reader.ValueTextEquals("instances"u8) || reader.ValueTextEquals("inputs"u8);
            reader.Read();
            if (instances) inputs = ReadInstances(ref reader, json, model);
            else reader.Skip();
        }

        return inputs;
    }

    private static TensorValue[] ReadInstances(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IServedModel model)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, "'instances'", "an array");
        var declared = model.Metadata.Inputs;
        if (declared.Count == 0) throw ServingException.Invalid("the model does not say what its inputs are: use the protocol v2, or declare them with --input");
        var columns = declared.Select(d => new V1Column(d, model.Images?.Input == d.Name ? model.Images : null)).ToArray();
        var rows = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (columns is [var only] && !IsRow(reader, only.Name)) only.Append(ref reader, json);
            else ReadRow(ref reader, json, columns, rows);
            rows++;
            foreach (var column in columns)
            {
                if (column.Rows != rows) throw ServingException.Invalid($"instances[{rows - 1}]: input '{column.Name}' is missing");
            }
        }

        if (rows == 0) throw ServingException.Invalid("'instances' is empty");
        return [.. columns.Select(c => c.Tensor())];
    }

    /// <summary>Whether an instance is an object of inputs; an image is an object too.</summary>
    private static bool IsRow(Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);
    }

    private static void ReadRow(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, V1Column[] columns, int row)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, $"instances[{row}]", $"an object of the inputs {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var column = columns.FirstOrDefault(c => c.Name == name)
                ?? throw ServingException.Invalid($"instances[{row}]: the model has no input '{name}'; it has {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}");
            if (column.Rows != row) throw ServingException.Invalid($"instances[{row}]: input '{name}' is there twice");
            reader.Read();
            column.Append(ref reader, json);
        }
    }
}
