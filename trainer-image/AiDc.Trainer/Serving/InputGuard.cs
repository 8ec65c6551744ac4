using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving;

/// <summary>Looks at a request's inputs before they are joined with those of others: one bad request must not reach the model.</summary>
internal static class InputGuard
{
    /// <param name="joinable">Whether the first dimension counts samples.</param>
    /// <returns>The inputs in the model's order.</returns>
    /// <exception cref="ServingException">Something is missing, twice there, or not what its shape says.</exception>
    /// <exception cref="ModelInputException">The model does not take it.</exception>
    public static IReadOnlyList<TensorValue> Check(IServedModel model, IReadOnlyList<TensorValue> inputs, bool joinable)
    {
        if (inputs.Count == 0) throw ServingException.Invalid("'inputs' is empty: the model takes at least one");
        for (var i = 0; i < inputs.Count; i++)
        {
            TensorSizes.Check(inputs[i]);
            for (var k = 0; k < i; k++)
            {
                if (inputs[k].Name == inputs[i].Name) throw ServingException.Invalid($"input '{inputs[i].Name}' is there twice");
            }
        }

        model.Check(inputs);
        if (joinable) CheckSamples(inputs);
        return InOrder(inputs, model.Metadata.Inputs);
    }

    private static void CheckSamples(IReadOnlyList<TensorValue> inputs)
    {
        foreach (var input in inputs)
        {
            if (input.Shape.Length == 0) throw ServingException.Invalid($"input '{input.Name}': its shape has no dimension; the first one counts the samples");
            if (input.Shape[0] != inputs[0].Shape[0])
                throw ServingException.Invalid($"input '{input.Name}' has {input.Shape[0]} samples, but '{inputs[0].Name}' has {inputs[0].Shape[0]}: the first dimension must be the same in all inputs");
        }
    }

    private static IReadOnlyList<TensorValue> InOrder(IReadOnlyList<TensorValue> inputs, IReadOnlyList<TensorMetadata> declared)
    {
        if (inputs.Count == 1) return inputs;
        if (declared.Count != inputs.Count) return [.. inputs.OrderBy(i => i.Name, StringComparer.Ordinal)];
        return [.. declared.Select(d => inputs.FirstOrDefault(i => i.Name == d.Name) ?? throw ServingException.Invalid($"input '{d.Name}' is missing"))];
    }
}
