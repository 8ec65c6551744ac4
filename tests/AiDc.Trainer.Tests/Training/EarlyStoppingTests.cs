using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Training;

internal sealed class EarlyStoppingTests
{
    private static readonly EarlyStoppingOptions Patience2 = new(2, MinDelta: 0.01);

    [Test]
    public void It_stops_after_as_many_epochs_without_improvement_as_patience_says()
    {
        var states = After(1.0, 0.8, 0.9, 0.85);
        Assert.That(states.Select(s => s.ShouldStop(Patience2)), Is.EqualTo(new[] { false, false, false, true }));
        Assert.That(states[^1], Is.EqualTo(new EarlyStopping(0.8, BestEpoch: 2, EpochsWithoutImprovement: 2)));
    }

    [Test]
    public void Less_than_the_minimal_difference_is_no_improvement()
    {
        var states = After(1.0, 0.995, 0.98);
        Assert.That(states.Select(s => s.Improved), Is.EqualTo(new[] { true, false, true }));
    }

    [Test]
    public void An_improvement_starts_the_count_again() => Assert.That(After(1.0, 1.1, 0.5, 0.6)[^1].ShouldStop(Patience2), Is.False);

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void A_loss_that_is_not_a_finite_number_is_never_the_best(double loss)
    {
        var states = After(loss, 1.0, loss);
        Assert.That(states.Select(s => s.Improved), Is.EqualTo(new[] { false, true, false }));
        Assert.That(states[^1], Is.EqualTo(new EarlyStopping(1.0, BestEpoch: 2, EpochsWithoutImprovement: 1)));
        Assert.That(After(loss, loss)[^1].ShouldStop(Patience2));
    }

    private static List<EarlyStopping> After(params double[] losses)
    {
        var states = new List<EarlyStopping>();
        var state = new EarlyStopping();
        for (var epoch = 1; epoch <= losses.Length; epoch++) states.Add(state = state.After(epoch, losses[epoch - 1], Patience2.MinDelta));
        return states;
    }
}
