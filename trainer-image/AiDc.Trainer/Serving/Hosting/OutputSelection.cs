using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Hosting;

/// <summary>The outputs that a client wants.</summary>
internal static class OutputSelection
{
    /// <summary>Before anything is computed, as far as the model says what it will give.</summary>
    /// <exception cref="ServingException">There is no such output.</exception>
    public static void Check(ModelMetadata model, IEnumerable<string> wanted)
    {
        if (model.Outputs.Count == 0) return;
        foreach (var name in wanted)
        {
            if (!model.Outputs.Any(o => o.Name == name)) throw Unknown(name, model.Outputs.Select(o => o.Name));
        }
    }

    /// <param name="wanted">Null, or none: all.</param>
    /// <exception cref="ServingException">There is no such output.</exception>
    public static IReadOnlyList<TensorValue> Select(IReadOnlyList<TensorValue> outputs, IReadOnlyCollection<string>? wanted) =>
        wanted is null or { Count: 0 }
            ? outputs
            : [.. wanted.Select(name => outputs.FirstOrDefault(o => o.Name == name) ?? throw Unknown(name, outputs.Select(o => o.Name)))];

    private static ServingException Unknown(string name, IEnumerable<string> known) =>
        ServingException.Invalid($"output '{name}': the model has no such output; it has {string.Join(", ", known.Select(k => $"'{k}'"))}");
}
