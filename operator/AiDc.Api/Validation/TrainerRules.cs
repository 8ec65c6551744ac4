using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Validation;

/// <summary>What the fields of the built-in trainer ask of each other: the CEL rules of its types, said for every server.</summary>
internal static class TrainerRules
{
    public static void Check(TrainingJobSpec spec, Errors errors)
    {
        const string path = "spec.trainer";
        if (spec.Trainer is not { } trainer)
            return;
        if (spec.Checkpoint is null)
            errors.Add("spec.checkpoint", "is missing: the built-in trainer needs a place for its checkpoints and its result", "set spec.checkpoint.uri");
        if (trainer is { EarlyStopping: not null, Data.ValidationSplit: <= 0 })
        {
            errors.Add(
                $"{path}.earlyStopping",
                "watches the loss on the validation split, and there is none",
                $"set {path}.data.validationSplit above 0, or leave earlyStopping out");
        }

        if (trainer.Image is { } image && (string.IsNullOrWhiteSpace(image) || image.Any(char.IsWhiteSpace)))
            errors.Add($"{path}.image", "has white space", "write the image as registry/name:tag");
        if (trainer.Model is { SyncBatchNorm: true, BatchNorm: false })
            errors.Add($"{path}.model.syncBatchNorm", "is true, and there is no batch normalization to synchronise", "set model.batchNorm to true, or leave syncBatchNorm out");
        if (trainer.Optimizer is { } optimizer && optimizer.Name != "sgd" && optimizer.Momentum > 0)
            errors.Add($"{path}.optimizer.momentum", $"is set, and {optimizer.Name} takes none", "set optimizer.name to sgd, or leave momentum out");
        if (trainer.Schedule is { } schedule)
            CheckSchedule(schedule, $"{path}.schedule", errors);
    }

    private static void CheckSchedule(ScheduleSpec schedule, string path, Errors errors)
    {
        if (schedule is { Name: "step", StepEpochs: null })
            errors.Add($"{path}.stepEpochs", "is missing: the schedule 'step' needs it", "set after how many epochs the learning rate falls");
        if (schedule.Name != "step" && schedule.StepEpochs is not null)
            errors.Add($"{path}.stepEpochs", $"is set, and the schedule '{schedule.Name}' takes none", "set schedule.name to step, or leave stepEpochs out");
        if (schedule.Name is not ("step" or "exponential") && schedule.Gamma is not null)
        {
            errors.Add(
                $"{path}.gamma",
                $"is set, and the schedule '{schedule.Name}' takes none",
                "set schedule.name to step or exponential, or leave gamma out");
        }
    }
}
