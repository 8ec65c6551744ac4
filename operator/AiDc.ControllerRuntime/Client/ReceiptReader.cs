using System.Text.Json;

namespace AiDc.ControllerRuntime.Client;

/// <summary>Reads name, uid and resourceVersion of an object and stops there.</summary>
internal static class ReceiptReader
{
    public static WriteReceipt Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8)) return ReadMetadata(ref reader);
            reader.Skip();
        }
        throw new JsonException("The answer to a write has no metadata.");
    }

    /// <summary>metadata.resourceVersion; all that a bookmark has.</summary>
    public static string? ReadResourceVersion(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8) || reader.ValueTextEquals("resourceVersion"u8))
            {
                if (reader.ValueTextEquals("resourceVersion"u8)) return Next(ref reader);
                reader.Read();
                continue;
            }
            reader.Skip();
        }
        return null;
    }

    private static WriteReceipt ReadMetadata(ref Utf8JsonReader reader)
    {
        string? name = null, uid = null, version = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Next(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) uid = Next(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Next(ref reader);
            else reader.Skip();
            if (name is not null && uid is not null && version is not null) return new(name, uid, version);
        }
        throw new JsonException("The answer to a write names no name, uid and resourceVersion.");
    }

    private static string? Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }
}
