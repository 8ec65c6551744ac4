using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Validation;

/// <summary>What the numbers of workers and processes ask of each other: the CEL rules of their types, said for every server.</summary>
internal static class WorkersRules
{
    public static void Check(TrainingJobSpec spec, Errors errors)
    {
        const string path = "spec.workers";
        if (spec.Workers is not { } workers)
            return;
        if (workers.Min > workers.Replicas)
            errors.Add($"{path}.min", $"is {workers.Min}, more than replicas, which is {workers.Replicas}", "lower min, or raise replicas");
        else if (workers.Replicas > workers.Max)
            errors.Add($"{path}.replicas", $"is {workers.Replicas}, more than max, which is {workers.Max}", "lower replicas, or raise max");
        if (spec.Trainer is null)
            CheckOwnImage(workers, path, errors);
        if (spec.Resources is { Gpus: > 0 and var gpus } && workers.Processes > gpus)
        {
            errors.Add(
                $"{path}.processes",
                $"is {workers.Processes}, more than the GPUs of a pod, which are {gpus}",
                "lower it, raise spec.resources.gpus, or leave it out for one process a GPU");
        }
    }

    private static void CheckOwnImage(WorkersSpec workers, string path, Errors errors)
    {
        foreach (var (name, isSet) in new[] { ("min", workers.Min is not null), ("max", workers.Max is not null) })
        {
            if (isSet)
                errors.Add($"{path}.{name}", "is set, and only the built-in trainer is elastic", "leave it out, or set spec.trainer");
        }

        if (workers.Processes > 1)
            errors.Add($"{path}.processes", $"is {workers.Processes}, and an image of your own starts its processes itself", "leave it out");
    }
}
