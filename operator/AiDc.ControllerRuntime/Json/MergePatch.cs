using System.Text.Json.Nodes;

namespace AiDc.ControllerRuntime.Json;

/// <summary>JSON merge patches (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>
    /// A patch that makes an object <paramref name="desired"/>, given that it has at most the keys of
    /// <paramref name="observed"/> and those of <paramref name="desired"/>, nulls among them: keys that are in
    /// <paramref name="observed"/> only become null. Everything desired is named even where observed agrees, because what
    /// was observed may be old.
    /// </summary>
    public static JsonNode? Towards(JsonNode? observed, JsonNode? desired)
    {
        if (desired is not JsonObject wanted) return WithoutNulls(desired);
        var patch = new JsonObject();
        foreach (var (key, value) in wanted) patch[key] = Towards((observed as JsonObject)?[key], value);
        foreach (var (key, _) in observed as JsonObject ?? []) if (!wanted.ContainsKey(key)) patch[key] = null;
        return patch;
    }

    /// <summary>Arrays are replaced whole, so nulls inside would be stored instead of removing.</summary>
    private static JsonNode? WithoutNulls(JsonNode? value) => value switch
    {
        JsonArray array => new JsonArray([.. array.Select(WithoutNulls)]),
        JsonObject o => new JsonObject(o.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, WithoutNulls(p.Value)))),
        _ => value?.DeepClone(),
    };
}
