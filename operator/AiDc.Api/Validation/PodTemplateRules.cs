using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>What is asked of every pod template, whatever it is for. The API server keeps it without a schema, so this is the first to look at it.</summary>
internal static class PodTemplateRules
{
    public const string Root = "spec.template";
    public const string Spec = Root + ".spec";

    /// <summary>The template, once unknown fields and its metadata are checked; null where it cannot be read.</summary>
    /// <param name="owner">What the template is of: job or service.</param>
    public static V1PodTemplateSpec? Read(PodTemplate template, string owner, Errors errors)
    {
        if (template.Value is not { } value)
        {
            errors.Add(Root, template.Problem ?? "cannot be read", "write metadata and spec as in a Pod");
            return null;
        }

        foreach (var unknown in UnknownFields.Find(template.Json, value, Root))
            errors.Add(unknown, "is not a field of a pod template", "check its spelling and its place, or remove it");
        CheckMetadata(value.Metadata, owner, errors);
        return value;
    }

    public static void CheckPod(V1PodSpec pod, ValidationContext context, Errors errors)
    {
        if (pod.EphemeralContainers is { Count: > 0 })
            errors.Add($"{Spec}.ephemeralContainers", "cannot be part of a template", "remove it");
        for (var i = 0; i < (pod.Volumes?.Count ?? 0); i++)
            CheckVolume(pod.Volumes![i], $"{Spec}.volumes[{i}]", context, errors);
    }

    /// <summary>Whether all containers have names of their own; without, nothing more can be said about them.</summary>
    public static bool CheckNames(V1PodSpec pod, Errors errors) =>
        ContainerRules.CheckNames(pod.Containers ?? [], $"{Spec}.containers", errors)
        & ContainerRules.CheckNames(pod.InitContainers ?? [], $"{Spec}.initContainers", errors);

    private static void CheckMetadata(V1ObjectMeta? metadata, string owner, Errors errors)
    {
        const string path = Root + ".metadata";
        if (metadata is null)
            return;
        if (metadata.Name is not null || metadata.GenerateName is not null)
            errors.Add($"{path}.name", "is set, and pods are named by the operator", "remove it");
        if (metadata.NamespaceProperty is not null)
            errors.Add($"{path}.namespace", $"is set, and pods are in the {owner}'s namespace", "remove it");
        foreach (var (list, name) in new[] { (metadata.Labels, "labels"), (metadata.Annotations, "annotations") })
        {
            foreach (var key in list?.Keys.Where(k => k.StartsWith(Labels.Prefix, StringComparison.Ordinal)) ?? [])
                errors.Add($"{path}.{name}", $"has '{key}', which the operator sets", $"remove it; {Labels.Prefix} is the operator's own prefix");
        }
    }

    private static void CheckVolume(V1Volume? volume, string path, ValidationContext context, Errors errors)
    {
        if (volume is null)
        {
            errors.Add(path, "is null", "give it a value, or remove it");
            return;
        }

        if (ReservedNames.IsVolume(volume.Name))
            errors.Add($"{path}.name", $"is '{volume.Name}', a name of the operator's own volumes", "use another name");
        if (volume.HostPath is not { } host)
            return;
        // The user's folder would be mounted with the operator's rights: the same allow-list holds as for URIs.
        if (StorageUri.TryParse($"hostpath://{host.Path}", out var uri, out var problem, out var fix))
            StorageRules.CheckHostPath(uri, $"{path}.hostPath.path", context, errors);
        else
            errors.Add($"{path}.hostPath.path", problem, fix);
    }
}
