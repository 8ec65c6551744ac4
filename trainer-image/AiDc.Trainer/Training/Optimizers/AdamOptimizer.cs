using static TorchSharp.torch;

namespace AiDc.Trainer.Training.Optimizers;

/// <summary>
/// Adam (Kingma and Ba, arXiv:1412.6980) and AdamW (Loshchilov and Hutter, arXiv:1711.05101) with their usual betas 0.9 and 0.999 and epsilon 1e-8.
/// </summary>
public sealed class AdamOptimizer : Optimizer
{
    private const string Script = """
        def adam(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], step: Tensor, rates: Tensor):
            unused: List[Tensor] = []
            step.add_(1)
            torch._fused_adam_(p, g, m, v, unused, steps, lr=float(rates[0]), beta1=0.9, beta2=0.999, weight_decay=float(rates[1]), eps=1e-8, amsgrad=False, maximize=False)
            return step
        def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], step: Tensor, rates: Tensor):
            unused: List[Tensor] = []
            step.add_(1)
            torch._fused_adamw_(p, g, m, v, unused, steps, lr=float(rates[0]), beta1=0.9, beta2=0.999, weight_decay=float(rates[1]), eps=1e-8, amsgrad=False, maximize=False)
            return step

        """;

    private readonly double _weightDecay;
    private readonly string _function;
    private readonly jit.CompilationUnit _kernels = jit.compile(Script);
    private readonly Rates _rates = new(2);
    private readonly Tensor[] _mean;
    private readonly Tensor[] _square;
    private readonly Tensor _step;
    private readonly Tensor[] _steps;

    public AdamOptimizer(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, bool decoupled) : base(parameters)
    {
        _weightDecay = weightDecay;
        _function = decoupled ? "adamw" : "adam";
        _mean = NewState("exp_avg");
        _square = NewState("exp_avg_sq");
        _step = AddState("step", zeros([], float32, Parameters[0].device));
        // The kernel wants a count for each parameter; all are the same, so it is one tensor, many times.
        _steps = [.. Enumerable.Repeat(_step, Parameters.Length)];
    }

    public override void Dispose()
    {
        _kernels.Dispose();
        _rates.Dispose();
        base.Dispose();
    }

    protected override void Update(Tensor[] gradients, double learningRate) =>
        _kernels.invoke(_function, Parameters, gradients, _mean, _square, _steps, _step, _rates.Set(learningRate, _weightDecay));
}
