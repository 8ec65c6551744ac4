using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiDc.ControllerRuntime.Json;

/// <summary>Reads maps of labels, whose keys and values repeat from object to object, with one instance of each string.</summary>
internal sealed class InternedMapConverter : JsonConverter<IDictionary<string, string>>
{
    private static readonly InterningStringConverter Strings = new();

    public override IDictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Labels are no object.");
        var map = new Dictionary<string, string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Strings.ReadAsPropertyName(ref reader, typeof(string), options);
            reader.Read();
            map[key] = Strings.Read(ref reader, typeof(string), options)!;
        }
        map.TrimExcess();
        return map;
    }

    public override void Write(Utf8JsonWriter writer, IDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, text) in value) writer.WriteString(key, text);
        writer.WriteEndObject();
    }
}
