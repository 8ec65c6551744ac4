using System.Text.Json;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Whether the pods of a job have storage in common with those of the attempt before: a checkpoint folder, or a volume that outlives a pod.</summary>
public static class SharedStorage
{
    /// <summary>Volumes that are made with a pod and go with it, or that it cannot write to.</summary>
    private static readonly string[] OfOnePod = ["emptyDir", "ephemeral", "configMap", "secret", "downwardAPI", "projected", "image"];

    public static bool IsIn(TrainingJobSpec spec) => spec.Checkpoint is not null || (spec.Template is { } template && Volumes(template.Json).Any(IsShared));

    // Of a volume that cannot be read, or is of a later version, it is better to be careful.
    private static bool IsShared(JsonElement volume) =>
        volume.ValueKind != JsonValueKind.Object || !volume.EnumerateObject().Any(p => OfOnePod.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null);

    private static List<JsonElement> Volumes(JsonElement template) =>
        template.ValueKind == JsonValueKind.Object
        && template.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object
        && spec.TryGetProperty("volumes", out var volumes) && volumes.ValueKind == JsonValueKind.Array ? [.. volumes.EnumerateArray()] : [];
}
