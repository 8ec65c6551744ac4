using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiDc.Api.Values;

/// <summary>Quantities may be written as numbers (<c>cpu: 2</c>): they are kept as the text that was written.</summary>
public sealed class NumberOrStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException("a quantity is a text or a number");
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
