using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiDc.Trainer;

/// <summary>The JSON of all files and lines that this program writes.</summary>
internal static class Json
{
    /// <summary>One object a line.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

    /// <summary>Files that a person opens.</summary>
    public static JsonSerializerOptions File { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
