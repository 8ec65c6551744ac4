using static TorchSharp.torch;

namespace AiDc.Trainer.Training.Optimizers;

/// <summary>Stochastic gradient descent, with momentum where it is above 0 (not Nesterov's, no dampening).</summary>
public sealed class SgdOptimizer : Optimizer
{
    // A buffer of zeros makes the first step of momentum the same as torch's: 0 * momentum + gradient.
    private const string Script = """
        def sgd(p: List[Tensor], g: List[Tensor], m: List[Tensor], rates: Tensor):
            torch._fused_sgd_(p, g, m, weight_decay=float(rates[2]), momentum=float(rates[1]), lr=float(rates[0]), dampening=0.0, nesterov=False, maximize=False, is_first_step=False)
            return len(p)

        """;

    private readonly double _momentum;
    private readonly double _weightDecay;
    private readonly jit.CompilationUnit _kernels = jit.compile(Script);
    private readonly Rates _rates = new(3);
    private readonly Tensor[] _buffers;

    public SgdOptimizer(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double momentum, double weightDecay) : base(parameters)
    {
        _momentum = momentum;
        _weightDecay = weightDecay;
        _buffers = momentum > 0 ? NewState("momentum") : [];
    }

    public override void Dispose()
    {
        _kernels.Dispose();
        _rates.Dispose();
        base.Dispose();
    }

    protected override void Update(Tensor[] gradients, double learningRate) =>
        _kernels.invoke("sgd", Parameters, gradients, _buffers, _rates.Set(learningRate, _momentum, _weightDecay));
}
