using System.Text.Json;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>
/// One line of a watch: {"type":"ADDED","object":{…}}. Finds the type and where the object lies without reading the
/// object, so that it is parsed once, into what it is.
/// </summary>
internal static class WatchLine
{
    public static WatchLineKind Read(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(line);
        var kind = WatchLineKind.Unknown;
        value = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A line of a watch is no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                // The server writes type first and object last: then the object reaches to the last brace.
                if (kind != WatchLineKind.Unknown && line[^1] == (byte)'}')
                {
                    value = line[start..^1];
                    return kind;
                }
                reader.Skip();
                value = line[start..(int)reader.BytesConsumed];
            }
            else reader.Skip();
        }
        if (kind == WatchLineKind.Unknown || value.IsEmpty) throw new JsonException("A line of a watch has no type or no object.");
        return kind;
    }

    private static WatchLineKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) ? WatchLineKind.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchLineKind.Modified
        : reader.ValueTextEquals("DELETED"u8) ? WatchLineKind.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchLineKind.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchLineKind.Error
        : throw new JsonException("A line of a watch has an unknown type.");
}

internal enum WatchLineKind
{
    Unknown,
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}
