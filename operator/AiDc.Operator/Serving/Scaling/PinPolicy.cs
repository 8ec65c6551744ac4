using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// Tells who wrote spec.scaling.replicas. API servers answer GET of the scale subresource with an internal error where it is missing, and
/// autoscalers leave alone what has 0 replicas; so while the load decides, the operator writes the number there, and next to it, in an
/// annotation, that it did. Any other number is somebody's wish: kubectl scale, an autoscaler, a manifest.
/// </summary>
public static class PinPolicy
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>How many replicas somebody asks for; null: nobody, the load decides.</summary>
    public static int? PinnedTo(InferenceService service) =>
        service.Spec.Scaling.Replicas is { } replicas && (Recorded(service) != replicas || IsInManifest(service)) ? replicas : null;

    /// <summary>What has to be written down; null: nothing.</summary>
    /// <param name="wanted">How many replicas the service is to have now.</param>
    public static ReplicasRecord? ToRecord(InferenceService service, int wanted)
    {
        // What is left of the load's time would make a later wish for that very number look like ours.
        if (PinnedTo(service) is { } pinned) return HasRecord(service) && Recorded(service) != pinned ? new(null) : null;
        var shown = Math.Max(1, wanted);
        return service.Spec.Scaling.Replicas == shown ? null : new(shown);
    }

    private static bool HasRecord(InferenceService service) => service.Metadata.Annotations?.ContainsKey(Annotations.ReplicasByLoad) == true;

    private static int? Recorded(InferenceService service) =>
        service.Metadata.Annotations?.TryGetValue(Annotations.ReplicasByLoad, out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A manifest may ask for the number that is there already: that changes nothing but whose it is.</summary>
    private static bool IsInManifest(InferenceService service) => IsInLastApplied(service) || (service.Metadata.ManagedFields ?? []).Any(manager =>
        manager is { Operation: "Apply" } && manager.FieldsV1 is JsonElement { ValueKind: JsonValueKind.Object } fields
        && fields.TryGetProperty("f:spec", out var spec) && spec.TryGetProperty("f:scaling", out var scaling) && scaling.TryGetProperty("f:replicas", out _));

    private static bool IsInLastApplied(InferenceService service)
    {
        if (service.Metadata.Annotations?.TryGetValue(LastApplied, out var text) != true) return false;
        try
        {
            return JsonNode.Parse(text!)?["spec"]?["scaling"]?["replicas"] is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not what kubectl writes.
            return false;
        }
    }
}
