using System.Text.Json;
using k8s;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>
/// Finds fields of a pod template that Kubernetes does not have, as the API server keeps whatever stands in it: a field that does
/// not survive being read into the typed template and written again is none.
/// </summary>
internal static class UnknownFields
{
    /// <summary>The paths of unknown fields below the path given.</summary>
    public static IEnumerable<string> Find(JsonElement written, V1PodTemplateSpec read, string path) =>
        Compare(written, JsonSerializer.Deserialize<JsonElement>(KubernetesJson.Serialize(read)), path);

    private static IEnumerable<string> Compare(JsonElement written, JsonElement known, string path)
    {
        if (written.ValueKind == JsonValueKind.Object && known.ValueKind == JsonValueKind.Object)
        {
            return written.EnumerateObject().SelectMany(field =>
                field.Value.ValueKind == JsonValueKind.Null ? []
                : known.TryGetProperty(field.Name, out var counterpart) ? Compare(field.Value, counterpart, $"{path}.{field.Name}")
                : [$"{path}.{field.Name}"]);
        }

        if (written.ValueKind == JsonValueKind.Array && known.ValueKind == JsonValueKind.Array)
        {
            return written.EnumerateArray().Zip(known.EnumerateArray())
                .SelectMany((pair, i) => Compare(pair.First, pair.Second, $"{path}[{i}]"));
        }

        return [];
    }
}
