using System.Text.Json;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>
/// The JSON of an inference request of the Open Inference Protocol v2, with its binary tensor data extension: tensors with the parameter
/// binary_data_size follow the JSON as they are, in the order of the inputs.
/// </summary>
internal static class V2RequestReader
{
    /// <param name="body">Tensors of the result may share its memory if <paramref name="jsonLength"/> is given, never otherwise.</param>
    /// <param name="jsonLength">Bytes of JSON before the binary data; null when there is no such data.</param>
    /// <exception cref="ServingException">It is no such request; the message says where and why.</exception>
    /// <param name="memory">For what the tensors take beyond the body.</param>
    public static V2Request Read(ReadOnlyMemory<byte> body, int? jsonLength, MemoryReservation memory)
    {
        if (jsonLength > body.Length) throw ServingException.Invalid($"Inference-Header-Content-Length is {jsonLength}, but the body has {body.Length} bytes");
        var json = JsonFaults.WithoutMark(body.Span[..(jsonLength ?? body.Length)]);
        var reader = new Utf8JsonReader(json);
        try
        {
            var binary = new BinaryPart(jsonLength is { } at ? body[at..] : default);
            reader.Read();
            var request = ReadRequest(ref reader, json, binary, memory);
            if (reader.Read()) throw ServingException.Invalid("there is more after the request's object");
            binary.ExpectEnd();
            return request;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw JsonFaults.Of(error, json);
        }
    }

    private static V2Request ReadRequest(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, BinaryPart binary, MemoryReservation memory)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, "the request", "an object");
        string? id = null;
        List<TensorValue>? inputs = null;
        List<RequestedOutput>? outputs = null;
        var parameters = default(V2Parameters);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8)) inputs = ReadInputs(ref reader, json, binary, memory);
            else if (reader.ValueTextEquals("outputs"u8)) outputs = ReadOutputs(ref reader);
            else if (reader.ValueTextEquals("id"u8)) id = JsonFaults.NextOptionalString(ref reader, "id");
            else if (reader.ValueTextEquals("parameters"u8)) parameters = V2Parameters.Read(ref reader, "parameters");
            else Skip(ref reader);
        }

        if (inputs is null) throw ServingException.Invalid("'inputs' is missing: an array of tensors, each with name, shape, datatype and data");
        return new(id, inputs, outputs, parameters.BinaryDataOutput ?? false);
    }

    private static RequestedOutput ReadOutput(ref Utf8JsonReader reader, int index)
    {
        var where = $"outputs[{index}]";
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, where, "an object");
        string? name = null;
        var parameters = default(V2Parameters);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = JsonFaults.NextString(ref reader, $"{where}.name");
            else if (reader.ValueTextEquals("parameters"u8)) parameters = V2Parameters.Read(ref reader, $"{where}.parameters");
            else Skip(ref reader);
        }

        return new(name ?? throw ServingException.Invalid($"{where}.name is missing"), parameters.BinaryData);
    }

    private static List<TensorValue> ReadInputs(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, BinaryPart binary, MemoryReservation memory)
    {
        reader.Read();
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, "inputs", "an array");
        var list = new List<TensorValue>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(V2InputReader.Read(ref reader, list.Count, json, binary, memory));
        return list;
    }

    /// <returns>Null where it is null: as if it were not there.</returns>
    private static List<RequestedOutput>? ReadOutputs(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, "outputs", "an array");
        var list = new List<RequestedOutput>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(ReadOutput(ref reader, list.Count));
        return list;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
