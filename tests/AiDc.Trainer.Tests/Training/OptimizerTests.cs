using AiDc.Trainer.Tensors;
using AiDc.Trainer.Training;
using AiDc.Trainer.Training.Optimizers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AiDc.Trainer.Tests.Training;

internal sealed class OptimizerTests
{
    private const int Steps = 50;
    private const double Rate = 0.01;

    private static readonly TestCaseData[] Kinds =
    [
        new TestCaseData(new OptimizerOptions(OptimizerKind.Adam, Rate, 0, 0), (Reference)(p => optim.Adam(p, Rate))).SetArgDisplayNames("adam"),
        new TestCaseData(new OptimizerOptions(OptimizerKind.Adam, Rate, 0, 0.1), (Reference)(p => optim.Adam(p, Rate, weight_decay: 0.1))).SetArgDisplayNames("adam with decay"),
        new TestCaseData(new OptimizerOptions(OptimizerKind.AdamW, Rate, 0, 0.1), (Reference)(p => optim.AdamW(p, Rate, weight_decay: 0.1))).SetArgDisplayNames("adamw"),
        new TestCaseData(new OptimizerOptions(OptimizerKind.Sgd, Rate, 0, 0), (Reference)(p => optim.SGD(p, Rate))).SetArgDisplayNames("sgd"),
        new TestCaseData(new OptimizerOptions(OptimizerKind.Sgd, Rate, 0.9, 0.1), (Reference)(p => optim.SGD(p, Rate, momentum: 0.9, weight_decay: 0.1))).SetArgDisplayNames("sgd with momentum and decay"),
    ];

    public delegate optim.Optimizer Reference(IEnumerable<TorchSharp.Modules.Parameter> parameters);

    [TestCaseSource(nameof(Kinds))]
    public void The_fused_optimizer_walks_the_same_way_as_TorchSharps(OptimizerOptions options, Reference reference)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Model(), Model());
        using var optimizer = Optimizer.Create(options, Named(ours));
        var other = reference(theirs.parameters());
        for (var step = 0; step < Steps; step++)
        {
            Backward(ours, step);
            optimizer.Step(Rate);
            Backward(theirs, step);
            other.step();
        }

        foreach (var (mine, its) in ours.parameters().Zip(theirs.parameters()))
            Assert.That((mine - its).abs().max().item<float>(), Is.LessThan(1e-5f));
        Assert.That((ours.parameters().First() - Model().parameters().First()).abs().max().item<float>(), Is.GreaterThan(0.05f), "nothing was learnt");
    }

    [TestCaseSource(nameof(Kinds))]
    public void Restored_by_name_it_goes_on_to_the_last_bit(OptimizerOptions options, Reference _)
    {
        using var scope = NewDisposeScope();
        var (straight, resumed) = (Model(), Model());
        using var optimizer = Optimizer.Create(options, Named(straight));
        Walk(straight, optimizer, 0, 10);
        var weights = NamedTensors.Copy(straight.state_dict());
        var state = NamedTensors.Copy(optimizer.State);
        Walk(straight, optimizer, 10, 20);

        using var again = Optimizer.Create(options, Named(resumed));
        NamedTensors.Load(resumed.state_dict(), weights, "test");
        NamedTensors.Load(again.State, state, "test");
        Walk(resumed, again, 10, 20);

        foreach (var (one, two) in straight.parameters().Zip(resumed.parameters())) Assert.That(one.equal(two).all().item<bool>());
    }

    [Test]
    public void State_is_named_after_the_parameters()
    {
        using var scope = NewDisposeScope();
        using var optimizer = Optimizer.Create(new(OptimizerKind.Adam, Rate, 0, 0), Named(Model()));
        Assert.That(optimizer.State.Keys, Is.EquivalentTo(new[]
        {
            "step", "exp_avg.0.weight", "exp_avg.0.bias", "exp_avg.2.weight", "exp_avg.2.bias",
            "exp_avg_sq.0.weight", "exp_avg_sq.0.bias", "exp_avg_sq.2.weight", "exp_avg_sq.2.bias",
        }));
    }

    private static void Walk(TorchSharp.Modules.Sequential model, Optimizer optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            Backward(model, step);
            optimizer.Step(Rate);
        }
    }

    private static TorchSharp.Modules.Sequential Model()
    {
        random.manual_seed(1);
        return Sequential(Linear(5, 7), Tanh(), Linear(7, 3));
    }

    private static List<(string, Tensor)> Named(Module model) => [.. model.named_parameters().Select(p => (p.name, (Tensor)p.parameter))];

    private static void Backward(TorchSharp.Modules.Sequential model, int step)
    {
        model.zero_grad();
        using var generator = new Generator((ulong)step);
        var input = randn([8, 5], generator: generator);
        functional.mse_loss(model.call(input), input.narrow(1, 0, 3) * 2).backward();
    }
}
