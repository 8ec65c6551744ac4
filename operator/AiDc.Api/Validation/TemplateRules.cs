using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>
/// What a pod template must have and must not have. The API server keeps it without a schema, so this is the first to look at it;
/// what only the API server knows about pods is found out when the pods are created.
/// </summary>
internal static class TemplateRules
{
    private const string Root = "spec.template";
    private const string Spec = Root + ".spec";

    public static void Check(TrainingJobSpec spec, ValidationContext context, Errors errors)
    {
        if (spec.Template is not { } template)
            return;
        if (template.Value is not { } value)
        {
            errors.Add(Root, template.Problem ?? "cannot be read", "write metadata and spec as in a Pod");
            return;
        }

        foreach (var unknown in UnknownFields.Find(template.Json, value, Root))
            errors.Add(unknown, "is not a field of a pod template", "check its spelling and its place, or remove it");
        CheckMetadata(value.Metadata, errors);
        if (value.Spec is not { } pod)
        {
            if (spec.Trainer is null)
                errors.Add(Spec, "is missing, so there is nothing to run", "give spec.template.spec.containers with an image");
            return;
        }

        CheckPod(pod, context, errors);
        var containers = pod.Containers ?? [];
        if (ContainerRules.CheckNames(containers, $"{Spec}.containers", errors)
            & ContainerRules.CheckNames(pod.InitContainers ?? [], $"{Spec}.initContainers", errors))
            CheckContainers(spec, pod, containers, context, errors);
    }

    private static void CheckMetadata(V1ObjectMeta? metadata, Errors errors)
    {
        const string path = Root + ".metadata";
        if (metadata is null)
            return;
        if (metadata.Name is not null || metadata.GenerateName is not null)
            errors.Add($"{path}.name", "is set, and pods are named by the operator", "remove it");
        if (metadata.NamespaceProperty is not null)
            errors.Add($"{path}.namespace", "is set, and pods are in the job's namespace", "remove it");
        foreach (var (list, name) in new[] { (metadata.Labels, "labels"), (metadata.Annotations, "annotations") })
        {
            foreach (var key in list?.Keys.Where(k => k.StartsWith(Labels.Prefix, StringComparison.Ordinal)) ?? [])
                errors.Add($"{path}.{name}", $"has '{key}', which the operator sets", $"remove it; {Labels.Prefix} is the operator's own prefix");
        }
    }

    private static void CheckPod(V1PodSpec pod, ValidationContext context, Errors errors)
    {
        if (pod.RestartPolicy is not (null or "Never"))
            errors.Add($"{Spec}.restartPolicy", $"is '{pod.RestartPolicy}', and the operator restarts workers itself", "remove it, and set spec.failure.maxRestarts");
        if (pod.ActiveDeadlineSeconds is not null)
            errors.Add($"{Spec}.activeDeadlineSeconds", "is set, and would count for each attempt anew", "set spec.activeDeadline instead");
        if (pod.EphemeralContainers is { Count: > 0 })
            errors.Add($"{Spec}.ephemeralContainers", "cannot be part of a template", "remove it");
        for (var i = 0; i < (pod.Volumes?.Count ?? 0); i++)
            CheckVolume(pod.Volumes![i], $"{Spec}.volumes[{i}]", context, errors);
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
        if (StorageUri.TryParse($"hostpath://{host.Path}", out var uri, out var problem, out var mend))
            StorageRules.CheckHostPath(uri, $"{path}.hostPath.path", context, errors);
        else
            errors.Add($"{path}.hostPath.path", problem, mend);
    }

    private static void CheckContainers(
        TrainingJobSpec spec,
        V1PodSpec pod,
        IList<V1Container> containers,
        ValidationContext context,
        Errors errors)
    {
        var worker = WorkerContainer.IndexIn(containers);
        if (worker < 0 && spec.Trainer is null)
            errors.Add($"{Spec}.containers", "has no container, so there is nothing to run", "add one with a name and an image");
        for (var i = 0; i < containers.Count; i++)
        {
            var path = $"{Spec}.containers[{i}]";
            if (i == worker)
                ContainerRules.CheckWorker(spec, containers[i], path, context, errors);
            else
                ContainerRules.CheckSidecar(containers[i], path, errors);
        }

        for (var i = 0; i < (pod.InitContainers?.Count ?? 0); i++)
            ContainerRules.CheckSidecar(pod.InitContainers![i], $"{Spec}.initContainers[{i}]", errors);
    }
}
