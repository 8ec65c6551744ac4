using System.Text.Json;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>What a client asks.</summary>
/// <param name="Outputs">Null: all, as the request's own parameters say.</param>
/// <param name="BinaryOutput">Whether outputs that do not say so themselves are wanted as binary data.</param>
internal sealed record V2Request(string? Id, IReadOnlyList<TensorValue> Inputs, IReadOnlyList<RequestedOutput>? Outputs, bool BinaryOutput);

/// <param name="Binary">Null: as the request says for all.</param>
internal readonly record struct RequestedOutput(string Name, bool? Binary);

/// <summary>The parameters that this server knows, of a request, an input or an output; others are read over.</summary>
/// <param name="BinaryDataSize">Of an input: bytes of its data behind the JSON.</param>
/// <param name="BinaryData">Of an output: whether it is wanted as binary data.</param>
/// <param name="BinaryDataOutput">Of a request: whether outputs are wanted as binary data.</param>
internal readonly record struct V2Parameters(long? BinaryDataSize, bool? BinaryData, bool? BinaryDataOutput)
{
    /// <exception cref="ServingException">It is no object of strings, numbers and booleans.</exception>
    public static V2Parameters Read(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        var parameters = default(V2Parameters);
        if (reader.TokenType == JsonTokenType.Null) return parameters;
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, where, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data_size"u8)) parameters = parameters with { BinaryDataSize = NextSize(ref reader, where) };
            else if (reader.ValueTextEquals("binary_data"u8)) parameters = parameters with { BinaryData = NextBoolean(ref reader, $"{where}.binary_data") };
            else if (reader.ValueTextEquals("binary_data_output"u8)) parameters = parameters with { BinaryDataOutput = NextBoolean(ref reader, $"{where}.binary_data_output") };
            else
            {
                var name = reader.GetString();
                reader.Read();
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
                    throw ServingException.Invalid($"{where}.{name} must be a string, a number or a boolean");
            }
        }

        return parameters;
    }

    private static long? NextSize(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var size) && size >= 0
            ? size
            : throw ServingException.Invalid($"{where}.binary_data_size must be a whole number of at least 0");
    }

    private static bool? NextBoolean(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw ServingException.Invalid($"{where} must be true or false");
    }
}
