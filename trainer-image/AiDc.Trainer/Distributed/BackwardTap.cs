using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed;

/// <summary>
/// The identity at a layer's input, whose backward says that this layer's gradients, and those of all layers after it, are whole.
/// TorchSharp has no hooks on gradients; a function of one's own in the graph is one.
/// </summary>
internal static class BackwardTap
{
    /// <param name="reached">Called by the thread of backward. Must not throw: libtorch would end the process.</param>
    public static Tensor At(Tensor input, Action reached) => input.requires_grad ? Identity.apply(input, reached) : input;

#pragma warning disable CA1812 // Made by its base class.
    private sealed class Identity : autograd.SingleTensorFunction<Identity>
#pragma warning restore CA1812
    {
        private const string Reached = "reached";

        public override string Name => nameof(BackwardTap);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data(Reached, vars[1]);
            return ((Tensor)vars[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            ((Action)ctx.get_data(Reached))();
            return [grad_output, null!]; // The second input is no tensor.
        }
    }
}
