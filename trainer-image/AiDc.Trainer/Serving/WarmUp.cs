using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving;

/// <summary>
/// Runs a model before the first request does: kernels are chosen, memory is taken, scripts are compiled. It shows on the way whether the
/// model treats each sample by itself, so that requests can be joined.
/// </summary>
internal static class WarmUp
{
    /// <summary>A script is optimised in its second run; the third is as fast as any later one.</summary>
    private const int Rounds = 3;

    /// <param name="maxBatch">Samples of a full batch.</param>
    /// <returns>False when a request has to be computed by itself.</returns>
    /// <exception cref="InvalidFileException">The model fails on zeros of the very shape that it declares.</exception>
    public static bool Run(IServedModel model, int maxBatch, Action<string> progress)
    {
        var declared = model.Metadata.Inputs;
        if (declared.Count == 0 || declared.Any(i => i.Shape.Count == 0))
        {
            progress("the model does not say what its inputs are: it warms up with the first requests");
            return true;
        }

        var free = model.Metadata.Inputs.Concat(model.Metadata.Outputs).All(t => t.Shape is [-1, ..] or []);
        if (!free) progress($"the model's first dimension is fixed: each request is computed by itself");
        var known = declared.All(i => i.Shape.Skip(1).All(s => s > 0) && i.Datatype != Datatype.Bytes);
        try
        {
            return Run(model, declared, free, maxBatch, progress);
        }
        catch (Exception error) when (!known && error is not OperationCanceledException)
        {
            progress($"the model does not run on zeros of size 1 where it leaves sizes open, and warms up with the first requests: {FirstLine(error)}");
            return free;
        }
        catch (Exception error) when (error is ModelInputException or ExternalException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidFileException(model.Metadata.Name, $"the model does not run on zeros of the shapes that it declares: {FirstLine(error)}");
        }
    }

    private static bool Run(IServedModel model, IReadOnlyList<TensorMetadata> declared, bool free, int maxBatch, Action<string> progress)
    {
        for (var i = 0; i < Rounds; i++) model.Run(Zeros(declared, 1));
        if (!free) return false;
        const int few = 2;
        var outputs = model.Run(Zeros(declared, few));
        if (outputs.FirstOrDefault(o => o.Shape is not [few, ..]) is { } other)
        {
            progress($"output '{other.Name}' has the shape [{string.Join(", ", other.Shape)}] for {few} samples: each request is computed by itself");
            return false;
        }

        if (maxBatch > few) model.Run(Zeros(declared, maxBatch));
        return true;
    }

    private static TensorValue[] Zeros(IReadOnlyList<TensorMetadata> declared, int samples) => [.. declared.Select(input =>
    {
        long[] shape = [.. input.Shape.Select((size, i) => size > 0 ? size : i == 0 ? samples : 1)];
        var values = shape.Aggregate(1L, (a, b) => a * b);
        // An empty string is a length of 0.
        return new TensorValue(input.Name, input.Datatype, shape, new byte[values * (input.Datatype == Datatype.Bytes ? sizeof(uint) : input.Datatype.SizeOf())]);
    })];

    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0];
}
