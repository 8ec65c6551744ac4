using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>What a service's pod template must have and must not have, in addition to what is asked of all of them.</summary>
internal static class ServiceTemplateRules
{
    private const string Spec = PodTemplateRules.Spec;

    public static void Check(InferenceServiceSpec spec, bool isOwnServer, ValidationContext context, Errors errors)
    {
        if (spec.Template is not { } template || PodTemplateRules.Read(template, "service", errors) is not { } value)
            return;
        if (value.Spec is not { } pod)
        {
            if (spec.Model is null)
                errors.Add(Spec, "is missing, so there is nothing to run", "give spec.template.spec.containers with an image, or set spec.model");
            return;
        }

        if (pod.RestartPolicy is not (null or "Always"))
            errors.Add($"{Spec}.restartPolicy", $"is '{pod.RestartPolicy}', and servers are always started again", "remove it");
        if (pod.ActiveDeadlineSeconds is not null)
            errors.Add($"{Spec}.activeDeadlineSeconds", "is set, and would end replicas that serve", "remove it");
        PodTemplateRules.CheckPod(pod, context, errors);
        if (PodTemplateRules.CheckNames(pod, errors))
            CheckContainers(spec, pod, isOwnServer, context, errors);
    }

    private static void CheckContainers(InferenceServiceSpec spec, V1PodSpec pod, bool isOwnServer, ValidationContext context, Errors errors)
    {
        var server = ServerContainer.IndexIn(pod.Containers);
        for (var i = 0; i < (pod.Containers?.Count ?? 0); i++)
        {
            var path = $"{Spec}.containers[{i}]";
            CheckMounts(pod.Containers![i], path, errors);
            if (i != server)
            {
                ContainerRules.CheckSidecar(pod.Containers[i], path, errors);
                continue;
            }

            CheckServer(spec, pod.Containers[i], isOwnServer, path, errors);
            ContainerRules.CheckResources(spec.Resources, pod.Containers[i].Resources, $"{path}.resources", context, errors);
        }

        for (var i = 0; i < (pod.InitContainers?.Count ?? 0); i++)
        {
            CheckMounts(pod.InitContainers![i], $"{Spec}.initContainers[{i}]", errors);
            ContainerRules.CheckSidecar(pod.InitContainers[i], $"{Spec}.initContainers[{i}]", errors);
        }
    }

    private static void CheckServer(InferenceServiceSpec spec, V1Container container, bool isOwnServer, string path, Errors errors)
    {
        if (isOwnServer && container.Ports is not { Count: > 0 })
            errors.Add($"{path}.ports", "is missing, so nobody knows where it answers", "add the port that it listens on for HTTP: ports: [{containerPort: 8080}]");
        if (!isOwnServer)
            CheckBuiltIn(container, path, errors);
        for (var i = 0; i < (container.Env?.Count ?? 0); i++)
        {
            if (container.Env![i]?.Name?.StartsWith("AIDC_", StringComparison.Ordinal) == true)
                errors.Add($"{path}.env[{i}].name", $"is '{container.Env[i].Name}', and names with AIDC_ are the operator's", "use another name, or remove it");
        }

        for (var i = 0; i < (container.VolumeMounts?.Count ?? 0); i++)
        {
            var target = container.VolumeMounts![i]?.MountPath?.TrimEnd('/');
            var owner = target switch
            {
                MountPaths.Model when spec.Model is not null => "the model",
                MountPaths.Cache when !isOwnServer => "the cache of models",
                MountPaths.SharedMemory when spec.Resources?.Shm is not null => "spec.resources.shm",
                _ => null,
            };
            if (owner is not null)
                errors.Add($"{path}.volumeMounts[{i}].mountPath", $"is '{target}', where {owner} is mounted", "mount it somewhere else");
        }
    }

    private static void CheckBuiltIn(V1Container container, string path, Errors errors)
    {
        const string fix = "remove it, or give the container an image of your own";
        if (container.Command is { Count: > 0 })
            errors.Add($"{path}.command", "is set, and the built-in server has its own", fix);
        if (container.Args is { Count: > 0 })
            errors.Add($"{path}.args", "is set, and the built-in server's are made from spec", fix);
        if (container.Ports is { Count: > 0 })
            errors.Add($"{path}.ports", "is set, and the built-in server listens on 8080 for HTTP and 8081 for gRPC", fix);
    }

    /// <summary>The cache of models may be shared by all pods of a namespace on a node: only the server may write there.</summary>
    private static void CheckMounts(V1Container? container, string path, Errors errors)
    {
        for (var i = 0; i < (container?.VolumeMounts?.Count ?? 0); i++)
        {
            if (ReservedNames.IsVolume(container!.VolumeMounts![i]?.Name))
                errors.Add($"{path}.volumeMounts[{i}].name", $"is '{container.VolumeMounts[i].Name}', a name of the operator's own volumes", "use a volume of the template");
        }
    }
}
