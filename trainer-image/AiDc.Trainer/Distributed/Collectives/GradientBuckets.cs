using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// The gradients of a model in a few flat tensors, so that a step needs a few large sums over ranks instead of one per
/// parameter. Each parameter's gradient is a view into its bucket: backward adds into it, the optimizer reads from it, nothing
/// is copied. Buckets are filled from the last parameter to the first, the order in which backward finishes them
/// (Li et al., PyTorch Distributed, VLDB 2020, section 3.2.3).
/// </summary>
/// <remarks>
/// Clear gradients with <see cref="Zero"/>: Module.zero_grad() sets them to null, and the next backward would make new ones
/// outside of the buckets.
/// </remarks>
public sealed class GradientBuckets : IDisposable
{
    /// <summary>Large enough to use the network well, small enough to start before backward is over.</summary>
    public const long DefaultBytes = 25L << 20;

    private readonly List<Tensor> flats = [];
    private readonly Tensor[] views;
    private readonly int[] bucketOf;
    private readonly IReadOnlyList<Parameter> parameters;

    /// <param name="parameters">In the order of their use in forward; those that want no gradient are left out.</param>
    /// <param name="bucketBytes">A bucket is closed before it would grow beyond; a larger parameter has one of its own.</param>
    public GradientBuckets(IEnumerable<Parameter> parameters, long bucketBytes = DefaultBytes)
    {
        this.parameters = [.. parameters.Where(p => p.requires_grad)];
        views = new Tensor[this.parameters.Count];
        bucketOf = new int[this.parameters.Count];
        foreach (var bucket in BucketPlan.Plan([.. this.parameters.Select(p => new ParameterShape(p.numel(), p.ElementSize, (p.dtype, p.device.ToString())))], bucketBytes))
            Add(bucket);
    }

    /// <summary>One per bucket, of one dimension, on the device and of the type of its parameters; bucket 0 is ready first.</summary>
    public IReadOnlyList<Tensor> Flats => flats;

    /// <summary>The parameters that have a gradient here, in order of use.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <param name="parameter">Its place in <see cref="Parameters"/>.</param>
    public int BucketOf(int parameter) => bucketOf[parameter];

    /// <summary>Makes the parameters' gradients the views. Once after the model was made, and again if something replaced them.</summary>
    public void Attach()
    {
        for (var i = 0; i < views.Length; i++)
            parameters[i].grad = views[i];
    }

    /// <summary>All gradients become zero, and stay where they are.</summary>
    public void Zero()
    {
        using var noGrad = no_grad();
        foreach (var flat in flats)
            flat.zero_();
    }

    public void Dispose()
    {
        foreach (var view in views)
            view.Dispose();
        foreach (var flat in flats)
            flat.Dispose();
    }

    private void Add(IReadOnlyList<int> bucket)
    {
        using var noGrad = no_grad();
        var first = parameters[bucket[0]];
        var flat = zeros([bucket.Sum(i => parameters[i].numel())], first.dtype, first.device).DetachFromDisposeScope();
        var offset = 0L;
        foreach (var i in bucket)
        {
            using var part = flat.narrow(0, offset, parameters[i].numel());
            views[i] = part.view(parameters[i].shape).DetachFromDisposeScope();
            bucketOf[i] = flats.Count;
            offset += parameters[i].numel();
        }

        flats.Add(flat);
    }
}
