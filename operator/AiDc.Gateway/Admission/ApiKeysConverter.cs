using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiDc.Gateway.Admission;

/// <summary>Reads a Secret's data: names of clients and their keys, base64. White space around a key (a line's end, mostly) does not count.</summary>
internal sealed class ApiKeysConverter : JsonConverter<IReadOnlyList<ApiKey>>
{
    public override IReadOnlyList<ApiKey>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var keys = new List<ApiKey>();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The data of a Secret are no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var client = reader.GetString() ?? "";
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var key)) continue;
            var text = key.AsSpan().Trim(" \t\r\n"u8);
            if (text.Length > 0) keys.Add(new(client, SHA256.HashData(text)));
            CryptographicOperations.ZeroMemory(key);
        }
        return keys;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<ApiKey> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Keys are read and never written.");
}
