using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Hosting;

/// <summary>Runs a model before the first request does: kernels are chosen, memory is taken, scripts are compiled.</summary>
internal static class WarmUp
{
    /// <summary>A script is optimised in its second run; the third is as fast as any later one.</summary>
    private const int Rounds = 3;

    /// <param name="maxBatch">Samples of a full batch.</param>
    /// <returns>A sample that the model computes; null where it does not compute zeros, which says nothing about other values.</returns>
    public static IReadOnlyList<TensorValue>? Run(IServedModel model, int maxBatch, Action<string> progress)
    {
        var declared = model.Metadata.Inputs;
        try
        {
            var one = Zeros(declared, 1);
            for (var i = 0; i < Rounds; i++) model.Run(one);
            if (model.Metadata.Batches && maxBatch > 1) model.Run(Zeros(declared, maxBatch));
            return one;
        }
        catch (Exception error) when (error is ModelFailureException or ModelInputException)
        {
            progress($"the model does not compute zeros, and warms up with the first requests: {error.Message}");
            return null;
        }
    }

    private static TensorValue[] Zeros(IReadOnlyList<TensorMetadata> declared, int samples) => [.. declared.Select(input =>
    {
        long[] shape = [.. input.Shape.Select((size, i) => size > 0 ? size : i == 0 ? samples : 1)];
        var values = shape.Aggregate(1L, (a, b) => a * b);
        // An empty string is a length of 0.
        return new TensorValue(input.Name, input.Datatype, shape, new byte[values * (input.Datatype == Datatype.Bytes ? sizeof(uint) : input.Datatype.SizeOf())]);
    })];
}
