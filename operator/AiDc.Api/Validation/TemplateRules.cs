using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Api.Validation;

/// <summary>
/// What a job's pod template must have and must not have, in addition to what is asked of all of them. What only the API server knows about
/// pods is found out when the pods are created.
/// </summary>
internal static class TemplateRules
{
    private const string Spec = PodTemplateRules.Spec;

    public static void Check(TrainingJobSpec spec, ValidationContext context, Errors errors)
    {
        if (spec.Template is not { } template || PodTemplateRules.Read(template, "job", errors) is not { } value)
            return;
        if (value.Spec is not { } pod)
        {
            if (spec.Trainer is null)
                errors.Add(Spec, "is missing, so there is nothing to run", "give spec.template.spec.containers with an image");
            return;
        }

        CheckPod(pod, context, errors);
        var containers = pod.Containers ?? [];
        if (PodTemplateRules.CheckNames(pod, errors))
            CheckContainers(spec, pod, containers, context, errors);
    }

    private static void CheckPod(V1PodSpec pod, ValidationContext context, Errors errors)
    {
        if (pod.RestartPolicy is not (null or "Never"))
            errors.Add($"{Spec}.restartPolicy", $"is '{pod.RestartPolicy}', and the operator restarts workers itself", "remove it, and set spec.failure.maxRestarts");
        if (pod.ActiveDeadlineSeconds is not null)
            errors.Add($"{Spec}.activeDeadlineSeconds", "is set, and would count for each attempt anew", "set spec.activeDeadline instead");
        PodTemplateRules.CheckPod(pod, context, errors);
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
