using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Validation;

/// <summary>
/// Says everything that is wrong with a job: what the schema says, what its CEL rules say, and what neither can. Pure, so that
/// the operator, the command line and the tests say the same.
/// </summary>
public static class TrainingJobValidator
{
    /// <summary>All errors in the order of the fields; empty when the job is fine.</summary>
    public static IReadOnlyList<FieldError> Validate(TrainingJob job, ValidationContext context)
    {
        _ = context;
        var errors = new List<FieldError>();
        if (job.Spec.Trainer is null && job.Spec.Template is null)
            errors.Add(new("spec", "has nothing to run", "give spec.trainer or spec.template"));
        return errors;
    }
}
