using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving;

/// <summary>Looks at a request's inputs before they are joined with those of others: one bad request must not reach the model.</summary>
internal static class InputGuard
{
    /// <returns>The inputs in the model's order.</returns>
    /// <exception cref="ServingException">There is none.</exception>
    /// <exception cref="ModelInputException">The model does not take them.</exception>
    public static IReadOnlyList<TensorValue> Check(IServedModel model, IReadOnlyList<TensorValue> inputs)
    {
        if (inputs.Count == 0) throw ServingException.Invalid("'inputs' is empty: the model takes at least one");
        model.Check(inputs);
        return inputs.Count == 1 ? inputs : [.. model.Metadata.Inputs.Select(declared => inputs.First(i => i.Name == declared.Name))];
    }
}
