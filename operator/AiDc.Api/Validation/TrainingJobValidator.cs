using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Validation;

/// <summary>
/// Says everything that is wrong with a job: what the schema says, what its CEL rules say, and what neither can. Pure, so that
/// the operator, the command line and the tests say the same.
/// </summary>
public static class TrainingJobValidator
{
    /// <summary>All errors; empty when the job is fine.</summary>
    public static IReadOnlyList<FieldError> Validate(TrainingJob job, ValidationContext context)
    {
        var errors = new Errors();
        if (job.Spec is not { } spec)
        {
            errors.Add("spec", "is missing", "say what to run");
            return errors.All;
        }

        FieldRules.Check(spec, "spec", errors);
        if (spec.Trainer is null && spec.Template is null)
            errors.Add("spec", "has nothing to run", "give spec.trainer for the built-in trainer, or spec.template with an image of your own");
        WorkersRules.Check(spec, errors);
        TrainerRules.Check(spec, errors);
        StorageRules.Check(spec, context, errors);
        if (spec.Resources is not null)
            ResourceRules.Check(spec.Resources, errors);
        FailureRules.Check(spec, errors);
        TemplateRules.Check(spec, context, errors);
        return errors.All;
    }
}
