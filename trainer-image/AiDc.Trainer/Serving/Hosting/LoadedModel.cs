using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Hosting;

/// <summary>A model that has been warmed up, and the thread that computes with it.</summary>
internal sealed class LoadedModel(IServedModel model, BatchRunner runner) : IDisposable
{
    public IServedModel Model { get; } = model;

    public BatchRunner Runner { get; } = runner;

    public ModelMetadata Metadata => Model.Metadata;

    /// <param name="read">Makes tensors of what the client sent.</param>
    /// <exception cref="ServingException">The inputs are wrong, or the model failed.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<InferenceOutcome> InferAsync(RequestScope scope, Func<IReadOnlyList<TensorValue>> read)
    {
        IReadOnlyList<TensorValue> inputs;
        Runner.Announce();
        try
        {
            scope.Inputs = inputs = InputGuard.Check(Model, read());
        }
        catch
        {
            Runner.Forget();
            throw;
        }

        var outcome = await Runner.RunAsync(inputs, scope.Token);
        scope.Memory.TakeForAnswer(outcome.Outputs.Sum(o => (long)o.Data.Length));
        return scope.Outcome = outcome;
    }

    public void Dispose()
    {
        Runner.Dispose();
        Model.Dispose();
    }
}

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
