using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Training;

internal sealed class LearningRateScheduleTests
{
    private const long StepsPerEpoch = 10;
    private const long TotalSteps = 100;

    [TestCase(0, 0.5)]
    [TestCase(99, 0.5)]
    public void A_constant_rate_stays(long step, double expected) => Expect(new(ScheduleKind.Constant), step, expected);

    [TestCase(19, 0.5)]
    [TestCase(20, 0.05)]
    [TestCase(40, 0.005)]
    public void A_step_schedule_falls_every_so_many_epochs(long step, double expected) =>
        Expect(new(ScheduleKind.Step, StepEpochs: 2, Gamma: 0.1), step, expected);

    [TestCase(9, 0.5)]
    [TestCase(10, 0.45)]
    [TestCase(25, 0.405)]
    public void An_exponential_schedule_falls_every_epoch(long step, double expected) =>
        Expect(new(ScheduleKind.Exponential, Gamma: 0.9), step, expected);

    [TestCase(0, 0.5)]
    [TestCase(25, 0.4267766952966369)]
    [TestCase(50, 0.25)]
    [TestCase(100, 0)]
    public void A_cosine_schedule_falls_to_zero_over_the_run(long step, double expected) => Expect(new(ScheduleKind.Cosine), step, expected);

    [TestCase(0, 0.05)]
    [TestCase(4, 0.25)]
    [TestCase(9, 0.5)]
    [TestCase(10, 0.5)]
    [TestCase(55, 0.25)]
    public void Warming_up_comes_first_and_the_cosine_takes_the_rest(long step, double expected) =>
        Expect(new(ScheduleKind.Cosine, WarmupSteps: 10), step, expected);

    [Test]
    public void A_warm_up_longer_than_the_run_does_not_break_the_cosine() =>
        Expect(new(ScheduleKind.Cosine, WarmupSteps: 200), 99, 0.25);

    private static void Expect(ScheduleOptions schedule, long step, double expected) =>
        Assert.That(LearningRateSchedule.At(schedule, 0.5, step, StepsPerEpoch, TotalSteps), Is.EqualTo(expected).Within(1e-12));
}
