namespace AiDc.Trainer.Serving.Models;

/// <summary>
/// Finds out what a model puts out by computing made-up values: which dimensions of its outputs are always the same, and whether the first
/// counts samples. It is no judge: a model may fail on these values and be right.
/// </summary>
internal sealed class TrialRun
{
    /// <summary>What open dimensions are tried with, until it computes: of pictures, one by one pixel is not enough for most models.</summary>
    private static readonly long[] Sizes = [1, 8, 32, 224];

    private readonly IReadOnlyList<TensorMetadata> _inputs;
    private readonly Func<IReadOnlyList<TensorValue>, IReadOnlyList<TensorValue>> _run;
    private readonly List<Observation> _seen = [];

    private TrialRun(IReadOnlyList<TensorMetadata> inputs, Func<IReadOnlyList<TensorValue>, IReadOnlyList<TensorValue>> run) => (_inputs, _run) = (inputs, run);

    /// <param name="Outputs">-1 where a dimension varied, or may.</param>
    /// <param name="Batches">Whether requests may be joined.</param>
    public sealed record Finding(IReadOnlyList<TensorMetadata> Outputs, bool Batches);

    private sealed record Observation(long Samples, IReadOnlyList<TensorValue> Outputs);

    /// <summary>An open dimension; input -1 is the first of all inputs, which counts samples.</summary>
    private readonly record struct Open(int Input, int Dimension);

    /// <summary>Why it did not compute; of several reasons one that may be that of the values.</summary>
    private ModelFailureException? Failure { get; set; }

    private bool CountsSamples => _inputs.Count > 0 && _inputs.All(i => i.Shape is [-1, ..]);

    /// <param name="inputs">What the model takes.</param>
    /// <param name="run">Computes.</param>
    /// <param name="failure">Why it did not compute.</param>
    /// <returns>Null where it did not compute.</returns>
    public static Finding? Of(
        IReadOnlyList<TensorMetadata> inputs, Func<IReadOnlyList<TensorValue>, IReadOnlyList<TensorValue>> run, out ModelFailureException? failure)
    {
        var trial = new TrialRun(inputs, run);
        var finding = trial.Find();
        failure = trial.Failure;
        return finding;
    }

    private Finding? Find()
    {
        var open = OpenDimensions();
        if (FindBase(open) is not var (usual, fill)) return null;
        // The number of values that are not zero, say: it varies with the values.
        Try(usual, (byte)(1 - fill));
        var known = Vary(open, usual, fill);
        return new([.. _seen[0].Outputs.Select((_, i) => Merge(i, known))], CountsSamples && known && _seen.Select(s => s.Samples).Distinct().Count() > 1 && _seen.All(FollowsSamples));
    }

    private List<Open> OpenDimensions()
    {
        List<Open> open = CountsSamples ? [new(-1, 0)] : [];
        for (var i = 0; i < _inputs.Count; i++)
        {
            for (var d = CountsSamples ? 1 : 0; d < _inputs[i].Shape.Count; d++)
            {
                if (_inputs[i].Shape[d] < 0) open.Add(new(i, d));
            }
        }

        return open;
    }

    /// <summary>Sizes and values that it computes.</summary>
    private (Dictionary<Open, long> Sizes, byte Fill)? FindBase(List<Open> open)
    {
        foreach (var size in open.Any(o => o.Input >= 0) ? Sizes : Sizes[..1])
        {
            var sizes = open.ToDictionary(o => o, o => o.Input < 0 ? 1 : size);
            foreach (byte fill in (byte[])[0, 1])
            {
                if (Try(sizes, fill)) return (sizes, fill);
            }
        }

        return null;
    }

    /// <returns>Whether each open dimension has been another one: then what stayed the same does not depend on any.</returns>
    private bool Vary(List<Open> open, Dictionary<Open, long> usual, byte fill)
    {
        var others = open.Where(o => o.Input >= 0).ToArray();
        // Some have to be of one size.
        var together = others.Length > 0 && Try(usual.ToDictionary(s => s.Key, s => s.Key.Input < 0 ? s.Value : s.Value + 1), fill);
        var all = true;
        foreach (var one in open)
        {
            var alone = Try(new Dictionary<Open, long>(usual) { [one] = usual[one] + 1 }, fill) || Try(new Dictionary<Open, long>(usual) { [one] = usual[one] * 2 }, fill);
            all &= alone || (one.Input >= 0 && together);
        }

        return all;
    }

    private bool Try(Dictionary<Open, long> sizes, byte fill)
    {
        try
        {
            _seen.Add(new(sizes.GetValueOrDefault(new(-1, 0), 1), _run([.. _inputs.Select((input, i) => Filled(input, i, sizes, fill))])));
            return true;
        }
        catch (ModelFailureException error)
        {
            if (Failure is null || !error.IsCertain) Failure = error;
            return false;
        }
    }

    private static TensorValue Filled(TensorMetadata input, int index, Dictionary<Open, long> sizes, byte fill)
    {
        var shape = input.Shape.Select((size, d) => size >= 0 ? size : sizes.TryGetValue(new(index, d), out var own) ? own : sizes[new(-1, 0)]).ToArray();
        var count = shape.Aggregate(1L, (product, size) => checked(product * size));
        return input.Datatype == Datatype.Bytes
            // An empty string is its length alone.
            ? StringTensor.Create(input.Name, shape, Enumerable.Repeat(fill == 0 ? "" : "1", checked((int)count)))
            : new(input.Name, input.Datatype, shape, Ones.Of(input.Datatype, checked((int)count), fill));
    }

    private TensorMetadata Merge(int output, bool known)
    {
        var first = _seen[0].Outputs[output];
        var shapes = _seen.Where(s => output < s.Outputs.Count).Select(s => s.Outputs[output].Shape).ToArray();
        long[] shape = shapes.Any(s => s.Length != first.Shape.Length) ? [] : [.. first.Shape.Select((size, d) => known && shapes.All(s => s[d] == size) ? size : -1)];
        return new(first.Name, first.Datatype, shape);
    }

    private bool FollowsSamples(Observation seen) => seen.Outputs.Count == _seen[0].Outputs.Count && seen.Outputs.All(o => o.Shape.Length > 0 && o.Shape[0] == seen.Samples);
}

/// <summary>Values that are all 0 or all 1.</summary>
internal static class Ones
{
    public static byte[] Of(Datatype type, int count, byte fill)
    {
        var one = type switch
        {
            Datatype.Fp16 => BitConverter.GetBytes((Half)fill),
            Datatype.Fp32 => BitConverter.GetBytes((float)fill),
            Datatype.Fp64 => BitConverter.GetBytes((double)fill),
            // The upper half of a float.
            Datatype.Bf16 => BitConverter.GetBytes((float)fill)[2..],
            _ => BitConverter.GetBytes((ulong)fill)[..type.SizeOf()],
        };
        var data = new byte[checked(count * one.Length)];
        for (var at = 0; at < data.Length; at += one.Length) one.CopyTo(data, at);
        return data;
    }
}
