using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// A pod template as the user wrote it. The server keeps it without a schema, so anything may stand in it: a template that
/// is no pod template must not keep the operator from reading the list of jobs. So it is kept as JSON and read on demand.
/// </summary>
[JsonConverter(typeof(Converter))]
public sealed class PodTemplate
{
    private readonly Lazy<(V1PodTemplateSpec? Value, string? Problem)> _read;

    /// <param name="json">The template as JSON of any shape.</param>
    public PodTemplate(JsonElement json)
    {
        Json = json;
        _read = new Lazy<(V1PodTemplateSpec?, string?)>(() => Read(json));
    }

    /// <summary>What was written.</summary>
    public JsonElement Json { get; }

    /// <summary>The template, a new copy at each call; null when it is malformed, see <see cref="Problem"/>.</summary>
    public V1PodTemplateSpec? Value => _read.Value.Value is null ? null : Read(Json).Value;

    /// <summary>Why the template cannot be read, with the path in it; null when it can.</summary>
    public string? Problem => _read.Value.Problem;

    public static PodTemplate From(V1PodTemplateSpec template) =>
        new(JsonSerializer.Deserialize<JsonElement>(KubernetesJson.Serialize(template)));

    private static (V1PodTemplateSpec? Value, string? Problem) Read(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object
                ? (KubernetesJson.Deserialize<V1PodTemplateSpec>(json), null)
                : (null, $"is {json.ValueKind} and not an object");
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            var where = (e as JsonException)?.Path?.TrimStart('$');
            return (null, string.IsNullOrEmpty(where) ? $"is no pod template: {e.Message}" : $"has a value of a wrong type at {where}");
        }
    }

    private sealed class Converter : JsonConverter<PodTemplate>
    {
        public override PodTemplate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, PodTemplate value, JsonSerializerOptions options) => value.Json.WriteTo(writer);
    }
}
