using static TorchSharp.torch;

namespace AiDc.Trainer.Training;

/// <summary>
/// The gradients of all parameters in a few flat tensors, which the parameters' own gradients are views of: a bucket is summed over the
/// ranks by one collective and without a copy (as in Li et al., "PyTorch Distributed", VLDB 2020). The last one also carries a few
/// figures of the step, so that they cost no collective of their own.
/// </summary>
internal sealed class GradientBuckets : IDisposable
{
    /// <summary>Large enough for the bandwidth, small enough to start before the backward pass has ended.</summary>
    public const long DefaultBytes = 25L << 20;

    private readonly List<Tensor> _flat = [];
    private readonly List<int> _first = [];
    private readonly Tensor _tail;

    /// <param name="parameters">float32, in the order of the forward pass: buckets fill from the last one, whose gradient comes first.</param>
    /// <param name="tail">Figures that travel along.</param>
    /// <param name="bucketBytes">A bucket is closed before it would grow beyond; a larger parameter has one of its own.</param>
    public GradientBuckets(IReadOnlyList<Tensor> parameters, int tail, long bucketBytes = DefaultBytes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var groups = Groups(parameters, bucketBytes);
        var first = parameters.Count;
        for (var i = 0; i < groups.Count; i++)
        {
            var values = groups[i].Sum(p => p.numel());
            var flat = zeros([values + (i == groups.Count - 1 ? tail : 0)], float32, parameters[0].device).DetachFromDisposeScope();
            _flat.Add(flat);
            _first.Add(first -= groups[i].Count);
            View(groups[i], flat);
        }

        _tail = _flat[^1].narrow(0, _flat[^1].numel() - tail, tail).DetachFromDisposeScope();
    }

    /// <summary>float32 [tail].</summary>
    public Tensor Tail => _tail;

    public void Zero()
    {
        foreach (var flat in _flat) flat.zero_().Dispose();
    }

    /// <summary>Of one dimension each; the first is ready first, the last carries the tail.</summary>
    public IReadOnlyList<Tensor> Flat => _flat;

    /// <summary>How many buckets, from the first, are whole once backward has passed a parameter. Never the last, whose tail comes later.</summary>
    /// <param name="parameter">Its gradient, and those of all after it, will not change any more.</param>
    public int WholeFrom(int parameter) => _first.Take(_first.Count - 1).Count(first => first >= parameter);

    /// <summary>The smallest and the largest value of each bucket, float32 [1] each; not a number where one of its values is not.</summary>
    public IEnumerable<Tensor> Extremes() => _flat.SelectMany(flat =>
    {
        var (least, most) = flat.aminmax();
        return new[] { least.reshape(1), most.reshape(1) };
    });

    /// <summary>Scales the gradients so that their Euclidean norm is at most <paramref name="limit"/>.</summary>
    public void Clip(double limit)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var squares = 0.0;
        foreach (var gradients in Gradients())
        {
            var norm = (double)gradients.norm().item<float>();
            squares += norm * norm;
        }

        var factor = limit / (Math.Sqrt(squares) + 1e-6);
        if (factor >= 1) return;
        using TorchSharp.Scalar scale = factor;
        foreach (var gradients in Gradients()) gradients.mul_(scale);
    }

    public void Dispose()
    {
        _tail.Dispose();
        foreach (var flat in _flat) flat.Dispose();
    }

    private IEnumerable<Tensor> Gradients() =>
        _flat.Select((flat, i) => i < _flat.Count - 1 ? flat : flat.narrow(0, 0, flat.numel() - _tail.numel()));

    private static List<List<Tensor>> Groups(IReadOnlyList<Tensor> parameters, long bucketBytes)
    {
        var groups = new List<List<Tensor>> { new() };
        var bytes = 0L;
        foreach (var parameter in parameters.Reverse())
        {
            if (parameter.dtype != float32) throw new ArgumentException($"gradients of {parameter.dtype} cannot be summed here", nameof(parameters));
            var size = parameter.numel() * sizeof(float);
            if (bytes > 0 && bytes + size > bucketBytes)
            {
                groups.Add([]);
                bytes = 0;
            }

            groups[^1].Add(parameter);
            bytes += size;
        }

        return groups;
    }

    private static void View(List<Tensor> parameters, Tensor flat)
    {
        var at = 0L;
        foreach (var parameter in parameters)
        {
            parameter.grad = flat.narrow(0, at, parameter.numel()).view(parameter.shape);
            at += parameter.numel();
        }
    }
}
