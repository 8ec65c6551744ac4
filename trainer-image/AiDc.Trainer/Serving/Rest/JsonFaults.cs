using System.Text.Json;
using AiDc.Trainer.Serving.Errors;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>What is wrong with JSON, in words for who wrote it.</summary>
internal static class JsonFaults
{
    /// <param name="error">Of a reader.</param>
    /// <param name="json">All that it was to read.</param>
    public static ServingException Of(Exception error, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return ServingException.Invalid("the body is empty: send a JSON object");
        var consumed = ReadableLength(json);
        var rest = json[consumed..].TrimStart(" \r\n\t,:["u8);
        if (rest.StartsWith("NaN"u8) || rest.StartsWith("Infinity"u8) || rest.StartsWith("-Infinity"u8) || rest.StartsWith("nan"u8) || rest.StartsWith("inf"u8))
            return ServingException.Invalid($"NaN and Infinity are no JSON (after byte {consumed}): send such a tensor as binary data", error);
        // The reader's own message ends with where it was, in words of its own.
        var reason = error.Message.Split(" LineNumber:", 2)[0].TrimEnd();
        return ServingException.Invalid($"the body is no valid JSON (after byte {consumed}): {reason}", error);
    }

    /// <summary>Bytes up to what is no JSON. That reader may have gone by another way, and does not know.</summary>
    private static int ReadableLength(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            // Here it is.
        }

        return (int)reader.BytesConsumed;
    }

    /// <exception cref="ServingException">The reader stands on something else.</exception>
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string where, string what)
    {
        if (reader.TokenType != token) throw ServingException.Invalid($"{where} must be {what}");
    }

    /// <summary>Without a byte order mark: RFC 8259 lets a reader pass over it, and editors write it.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> json)
    {
        var mark = "\uFEFF"u8;
        return json.StartsWith(mark) ? json[mark.Length..] : json;
    }

    /// <returns>Null where it is null: what is optional may be left out either way.</returns>
    public static string? NextOptionalString(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String => reader.GetString(),
            _ => throw ServingException.Invalid($"{where} must be a string"),
        };
    }

    public static string NextString(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw ServingException.Invalid($"{where} must be a string");
    }
}
