using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Validation;

/// <summary>
/// Says everything that is wrong with an inference service: what the schema says, what its CEL rules say, and what neither can. Pure,
/// so that the operator, the command line and the tests say the same.
/// </summary>
public static class InferenceServiceValidator
{
    /// <summary>All errors; empty when the service is fine.</summary>
    public static IReadOnlyList<FieldError> Validate(InferenceService service, ValidationContext context)
    {
        var errors = new Errors();
        if (service.Spec is not { } spec)
        {
            errors.Add("spec", "is missing", "say what to serve");
            return errors.All;
        }

        FieldRules.Check(spec, "spec", errors);
        if (spec.Resources is not null)
            ResourceRules.Check(spec.Resources, errors);
        var isOwn = ServerContainer.IsOwn(spec.Template?.Value);
        ServedModelRules.Check(spec, isOwn, context, errors);
        ServingRules.Check(spec, isOwn, errors);
        ServiceTemplateRules.Check(spec, isOwn, context, errors);
        return errors.All;
    }
}
