using System.Text.RegularExpressions;
using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>What is asked of the containers of a template.</summary>
internal static partial class ContainerRules
{
    /// <summary>Whether each container has a name of its own; without, nothing more can be said about them.</summary>
    public static bool CheckNames(IList<V1Container> containers, string path, Errors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var good = true;
        for (var i = 0; i < containers.Count; i++)
        {
            var name = containers[i]?.Name;
            if (name is not null && name.Length <= 63 && Label().IsMatch(name) && names.Add(name))
                continue;
            good = false;
            errors.Add(
                $"{path}[{i}].name",
                string.IsNullOrEmpty(name) ? "is missing" : names.Contains(name) ? $"'{name}' is the name of another container" : $"'{name}' cannot be a name",
                "give each container a name of its own of small letters, digits and '-', at most 63 characters");
        }

        return good;
    }

    /// <summary>The container that trains: what of it is the operator's and what the user's.</summary>
    public static void CheckWorker(TrainingJobSpec spec, V1Container container, string path, ValidationContext context, Errors errors)
    {
        if (spec.Trainer is null && string.IsNullOrWhiteSpace(container.Image))
            errors.Add($"{path}.image", "is missing", "name your image, or set spec.trainer for the built-in trainer");
        if (spec.Trainer is not null)
            CheckBuiltIn(container, path, errors);
        for (var i = 0; i < (container.Env?.Count ?? 0); i++)
        {
            if (ReservedNames.IsEnvironment(container.Env![i]?.Name))
                errors.Add($"{path}.env[{i}].name", $"is '{container.Env[i].Name}', which the operator sets", "use another name, or remove it");
        }

        for (var i = 0; i < (container.VolumeMounts?.Count ?? 0); i++)
            CheckMount(spec, container.VolumeMounts![i], $"{path}.volumeMounts[{i}].mountPath", errors);
        CheckResources(spec.Resources, container.Resources, $"{path}.resources", context, errors);
    }

    /// <summary>Any other container.</summary>
    public static void CheckSidecar(V1Container container, string path, Errors errors)
    {
        if (string.IsNullOrWhiteSpace(container.Image))
            errors.Add($"{path}.image", "is missing", "name an image");
    }

    private static void CheckBuiltIn(V1Container container, string path, Errors errors)
    {
        if (container.Image is not null)
        {
            errors.Add(
                $"{path}.image",
                "is set, and so is spec.trainer, which runs the built-in trainer in this container",
                $"remove spec.trainer to run your image; or remove this, and set spec.trainer.image for another build of the trainer; "
                + $"or put a container named '{WorkerContainer.Name}' without an image next to it, if this one is to run next to the trainer");
        }

        if (container.Command is { Count: > 0 })
            errors.Add($"{path}.command", "is set, and the built-in trainer's is given by spec.trainer", "remove it");
        if (container.Args is { Count: > 0 })
            errors.Add($"{path}.args", "is set, and the built-in trainer's are given by spec.trainer", "remove them");
    }

    private static void CheckMount(TrainingJobSpec spec, V1VolumeMount? mount, string path, Errors errors)
    {
        var target = mount?.MountPath?.TrimEnd('/');
        if (target is null)
            return;
        var owner = target switch
        {
            MountPaths.Aidc => "the operator's own files",
            MountPaths.Data when spec.Trainer is not null => "spec.trainer.data",
            MountPaths.Checkpoint when spec.Checkpoint is not null => "spec.checkpoint",
            MountPaths.SharedMemory when spec.Resources?.Shm is not null => "spec.resources.shm",
            _ => null,
        };
        if (owner is not null)
            errors.Add(path, $"is '{target}', where {owner} is mounted", "mount it somewhere else");
    }

    /// <summary>Says it where a template asks for what spec.resources asks for too.</summary>
    public static void CheckResources(ResourcesSpec? ours, V1ResourceRequirements? theirs, string path, ValidationContext context, Errors errors)
    {
        if (ours is null || theirs is null)
            return;
        Report("cpu", ours.Cpu is not null, "spec.resources.cpu");
        Report("memory", ours.Memory is not null, "spec.resources.memory");
        Report(context.GpuResourceName, ours.Gpus > 0, "spec.resources.gpus");

        void Report(string resource, bool isSet, string field)
        {
            if (!isSet)
                return;
            // A limit on the CPU does not contradict the request that spec.resources.cpu is.
            if (theirs.Requests?.ContainsKey(resource) == true)
                errors.Add($"{path}.requests", $"has '{resource}', and so has {field}", "set it in one of the two places");
            else if (resource != "cpu" && theirs.Limits?.ContainsKey(resource) == true)
                errors.Add($"{path}.limits", $"has '{resource}', and so has {field}", "set it in one of the two places");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
