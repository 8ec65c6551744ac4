using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving;

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

        return scope.Outcome = await Runner.RunAsync(inputs, scope.Token);
    }

    public void Dispose()
    {
        Runner.Dispose();
        Model.Dispose();
    }
}
