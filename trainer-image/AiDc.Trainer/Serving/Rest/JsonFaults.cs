using System.Text.Json;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>What is wrong with JSON, in words for who wrote it.</summary>
internal static class JsonFaults
{
    /// <param name="error">Of the reader.</param>
    /// <param name="consumed">Bytes that the reader got over.</param>
    public static ServingException Of(Exception error, ReadOnlySpan<byte> json, long consumed)
    {
        if (json.IsEmpty) return ServingException.Invalid("the body is empty: send a JSON object");
        var rest = json[(int)Math.Clamp(consumed, 0, json.Length)..].TrimStart(" \r\n\t,:["u8);
        if (rest.StartsWith("NaN"u8) || rest.StartsWith("Infinity"u8) || rest.StartsWith("-Infinity"u8) || rest.StartsWith("nan"u8) || rest.StartsWith("inf"u8))
            return ServingException.Invalid($"NaN and Infinity are no JSON (after byte {consumed}): send such a tensor as binary data", error);
        // The reader's own message ends with where it was, in words of its own.
        var reason = error.Message.Split(" LineNumber:", 2)[0].TrimEnd();
        return ServingException.Invalid($"the body is no valid JSON (after byte {consumed}): {reason}", error);
    }

    /// <exception cref="ServingException">The reader stands on something else.</exception>
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string where, string what)
    {
        if (reader.TokenType != token) throw ServingException.Invalid($"{where} must be {what}");
    }

    public static string NextString(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw ServingException.Invalid($"{where} must be a string");
    }
}
