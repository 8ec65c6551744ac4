using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed;

/// <summary>
/// Sums over the ranks inside of a forward pass, for batch norm over the whole batch. Its gradient is the sum of the ranks' gradients:
/// each rank's loss depends on every rank's term.
/// </summary>
internal sealed class SharedStatistics
{
    private RankGroup? _group;
    private Exception? _failure;

    /// <summary>Samples of all ranks in the pass under way.</summary>
    public int Samples { get; private set; }

    /// <summary>A forward and backward pass begins.</summary>
    public void Begin(RankGroup group, int samples) => (_group, Samples, _failure) = (group, samples, null);

    /// <summary>Both passes are through.</summary>
    /// <exception cref="Collectives.CollectiveException">A collective of the backward pass failed.</exception>
    public void End()
    {
        _group = null;
        if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
    }

    public void Abandon() => (_group, _failure) = (null, null);

    /// <param name="own">float32; this rank's term.</param>
    /// <returns>The sum over the ranks, with a gradient.</returns>
    public Tensor Sum(Tensor own) => SumFunction.apply(own, this);

    private Tensor Reduced(Tensor tensor)
    {
        var sum = tensor.detach().clone().contiguous();
        (_group ?? throw new InvalidOperationException("no pass was begun")).Sum(sum);
        return sum;
    }

    /// <summary>An exception that left it would end the process, since libtorch calls it: it is kept until the pass is through.</summary>
    private Tensor ReducedBackward(Tensor gradient)
    {
        if (_failure is not null) return gradient;
        try
        {
            return Reduced(gradient);
        }
#pragma warning disable CA1031 // Whatever it is, End throws it.
        catch (Exception error)
        {
            _failure = error;
            return gradient;
        }
#pragma warning restore CA1031
    }

#pragma warning disable CA1812 // Made by its base class.
    private sealed class SumFunction : autograd.SingleTensorFunction<SumFunction>
#pragma warning restore CA1812
    {
        private const string Statistics = "statistics";

        public override string Name => nameof(SumFunction);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var statistics = (SharedStatistics)vars[1];
            ctx.save_data(Statistics, statistics);
            return statistics.Reduced((Tensor)vars[0]);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            [((SharedStatistics)ctx.get_data(Statistics)).ReducedBackward(grad_output), null!]; // The second input is no tensor.
    }
}
