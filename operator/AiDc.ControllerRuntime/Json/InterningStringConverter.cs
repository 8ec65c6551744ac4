using System.Text.Json;
using System.Text.Json.Serialization;
using CommunityToolkit.HighPerformance.Buffers;

namespace AiDc.ControllerRuntime.Json;

/// <summary>
/// Reads strings that repeat from object to object (phases, node names, label keys and values) as one instance each,
/// without allocating for those already known. The pool is of a fixed size, so that names of long ago go. For members marked with it.
/// </summary>
public sealed class InterningStringConverter : JsonConverter<string>
{
    private const int MaxBytes = 128;

    private static readonly StringPool Pool = new(minimumSize: 32768);

    public static string Intern(ReadOnlySpan<char> value) => Pool.GetOrAdd(value);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadInterned(ref reader);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadInterned(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    private static string ReadInterned(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > MaxBytes || reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) return reader.GetString()!;
        Span<char> text = stackalloc char[MaxBytes];
        return Intern(text[..reader.CopyString(text)]);
    }
}
