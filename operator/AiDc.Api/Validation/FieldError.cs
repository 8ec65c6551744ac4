namespace AiDc.Api.Validation;

/// <summary>One thing that is wrong with an object.</summary>
/// <param name="Path">The field, from the root: spec.trainer.epochs.</param>
/// <param name="Problem">What is wrong with it, to be read after the path.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record FieldError(string Path, string Problem, string Mend)
{
    public override string ToString() => $"{Path}: {Problem}; {Mend}";
}
