namespace AiDc.Trainer.Serving.Models;

/// <summary>
/// Finds out what a model puts out, and whether its outputs' first dimension counts samples, by computing zeros: one sample, then two.
/// </summary>
internal static class TrialRun
{
    /// <param name="inputs">What the model takes; a dimension of any size is tried with 1.</param>
    /// <param name="run">Computes.</param>
    /// <param name="failure">Why it did not compute. It may do so for other sizes, unless all but the first are fixed.</param>
    /// <returns>The outputs and whether requests may be joined; null where it did not compute.</returns>
    public static (IReadOnlyList<TensorMetadata> Outputs, bool Batches)? Of(
        IReadOnlyList<TensorMetadata> inputs, Func<IReadOnlyList<TensorValue>, IReadOnlyList<TensorValue>> run, out ModelFailureException? failure)
    {
        failure = null;
        try
        {
            var one = run(Zeros(inputs, 1));
            var open = inputs.Count > 0 && inputs.All(i => i.Shape is [-1, ..]);
            if (!open) return ([.. one.Select(o => new TensorMetadata(o.Name, o.Datatype, o.Shape))], false);
            var two = run(Zeros(inputs, 2));
            return ([.. one.Zip(two, Merge)], one.Count == two.Count && one.Zip(two).All(p => p.First.Shape is [1, ..] && p.Second.Shape is [2, ..]));
        }
        catch (ModelFailureException error)
        {
            failure = error;
            return null;
        }
    }

    /// <summary>Whether a failure of the trial is one for every request.</summary>
    public static bool IsCertain(IReadOnlyList<TensorMetadata> inputs) => inputs.All(i => i.Shape.Skip(1).All(size => size > 0));

    private static TensorMetadata Merge(TensorValue one, TensorValue two) =>
        new(one.Name, one.Datatype, one.Shape.Length == two.Shape.Length ? [.. one.Shape.Zip(two.Shape, (a, b) => a == b ? a : -1)] : []);

    private static TensorValue[] Zeros(IReadOnlyList<TensorMetadata> inputs, long samples) => [.. inputs.Select(input =>
    {
        var shape = input.Shape.Select((size, i) => size > 0 ? size : i == 0 ? samples : 1).ToArray();
        var count = shape.Aggregate(1L, (product, size) => checked(product * size));
        // An empty string is its length alone.
        return new TensorValue(input.Name, input.Datatype, shape, new byte[checked(count * Math.Max(input.Datatype.SizeOf(), input.Datatype == Datatype.Bytes ? sizeof(uint) : 1))]);
    })];
}
