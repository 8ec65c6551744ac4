using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.Json;
using k8s.Models;
using k8s;

namespace AiDc.Gateway.Admission;

/// <summary>A Secret with API keys, read so that the keys themselves are never kept.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
internal sealed class KeySecret : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Secret";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("data")]
    [JsonConverter(typeof(ApiKeysConverter))]
    public IReadOnlyList<ApiKey>? Keys { get; set; }
}

/// <summary>A client's key, of which only the SHA-256 sum is kept: what is in memory does not open the door.</summary>
internal readonly record struct ApiKey(string Client, byte[] Sum);

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
