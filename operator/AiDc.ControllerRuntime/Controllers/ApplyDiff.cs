using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>
/// Whether a server-side apply would change anything: is what we want part of what is there? What the server defaulted and
/// what others added does not count. What we wanted once and no longer mention is not seen here: name it as empty, or
/// give the object a label with a hash of what it was built from.
/// </summary>
public static class ApplyDiff
{
    private static readonly HashSet<string> NotCompared = ["apiVersion", "kind", "status"];

    private static readonly HashSet<string> Quantities = ["limits", "requests", "capacity", "allocatable", "hard", "overhead"];

    // The lists of Kubernetes that are maps in disguise, with the fields that identify an item.
    private static readonly Dictionary<string, string[]> MergeKeys = new()
    {
        ["containers"] = ["name"], ["initContainers"] = ["name"], ["ephemeralContainers"] = ["name"], ["env"] = ["name"],
        ["volumes"] = ["name"], ["imagePullSecrets"] = ["name"], ["volumeMounts"] = ["mountPath"], ["volumeDevices"] = ["devicePath"],
        ["ports"] = ["containerPort", "port", "protocol"], ["ownerReferences"] = ["uid"], ["conditions"] = ["type"], ["hostAliases"] = ["ip"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"], ["secrets"] = ["name"],
    };

    public static bool NeedsApply<T>(T desired, T? observed) where T : class, IKubernetesObject<V1ObjectMeta> =>
        FirstDifference(desired, observed) is not null;

    /// <returns>The path of the first field that differs, for a log; null: nothing does.</returns>
    public static string? FirstDifference<T>(T desired, T? observed) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (observed is null) return "(missing)";
        var want = JsonSerializer.SerializeToNode(desired, RuntimeJson.TypeInfo<T>())!.AsObject();
        var have = JsonSerializer.SerializeToNode(observed, RuntimeJson.TypeInfo<T>())!.AsObject();
        foreach (var name in NotCompared) want.Remove(name);
        if (want.Remove("stringData", out var text)) MoveStringData(want, text!.AsObject());
        return Difference(want, have, "", quantities: false);
    }

    private static string? Difference(JsonNode? want, JsonNode? have, string path, bool quantities)
    {
        switch (want)
        {
            case null:
                return null;
            case JsonObject wanted:
                foreach (var (key, value) in wanted)
                {
                    var at = path.Length == 0 ? key : $"{path}.{key}";
                    var below = quantities || Quantities.Contains(key) || key is "sizeLimit" or "divisor";
                    if (Difference(value, (have as JsonObject)?[key], at, below) is { } inside) return inside;
                }
                return null;
            case JsonArray wanted:
                return ListDifference(wanted, have as JsonArray ?? [], path, quantities);
            default:
                return have is JsonValue single && SameValue((JsonValue)want, single, quantities) ? null : path;
        }
    }

    private static string? ListDifference(JsonArray want, JsonArray have, string path, bool quantities)
    {
        var field = path[(path.LastIndexOf('.') + 1)..];
        if (MergeKeys.TryGetValue(field, out var keys))
        {
            foreach (var item in want)
            {
                var same = have.FirstOrDefault(other => keys.All(key => item![key] is not { } value || JsonNode.DeepEquals(value, other![key])));
                if (same is null) return $"{path}[{keys.Select(k => item![k]?.ToString()).FirstOrDefault(k => k is not null)}]";
                if (Difference(item, same, path, quantities) is { } inside) return inside;
            }
            return null;
        }
        if (field == "finalizers") return want.All(w => have.Any(h => JsonNode.DeepEquals(w, h))) ? null : path;
        if (want.Count != have.Count) return path;
        for (var i = 0; i < want.Count; i++)
            if (Difference(want[i], have[i], $"{path}[{i}]", quantities) is { } inside) return inside;
        return null;
    }

    private static bool SameValue(JsonValue want, JsonValue have, bool quantities)
    {
        if (JsonNode.DeepEquals(want, have)) return true;
        return quantities && AsQuantity(want) is { } a && AsQuantity(have) is { } b && a.Equals(b);
    }

    private static ResourceQuantity? AsQuantity(JsonValue value)
    {
        try
        {
            return new ResourceQuantity(value.ToString());
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static void MoveStringData(JsonObject want, JsonObject text)
    {
        if (want["data"] is not JsonObject data) want["data"] = data = [];
        foreach (var (key, value) in text) data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
    }
}
