using AiDc.Api;
using AiDc.Operator.Training.Policies;

namespace AiDc.Operator.Tests.Training.Policies;

public sealed class RestartBackoffTests
{
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 4)]
    [TestCase(9, 256)]
    [TestCase(10, 300)]
    [TestCase(1_000_000, 300)]
    public void The_wait_doubles_up_to_five_minutes(int failures, double seconds)
    {
        foreach (var seed in new[] { "a", "b", "c", "0f3c" })
            Assert.That(RestartBackoff.Delay(failures, seed, Given.Options).TotalSeconds, Is.InRange(seconds * 0.8, seconds * 1.2));
    }

    [Test]
    public void A_job_always_waits_the_same()
    {
        Assert.That(RestartBackoff.Delay(3, "uid", Given.Options), Is.EqualTo(RestartBackoff.Delay(3, "uid", Given.Options)));
        Assert.That(RestartBackoff.Delay(3, "uid", Given.Options), Is.Not.EqualTo(RestartBackoff.Delay(4, "uid", Given.Options) / 2));
    }

    [Test]
    public void Jobs_that_fail_together_do_not_come_back_together()
    {
        var delays = Enumerable.Range(0, 100).Select(i => RestartBackoff.Delay(5, $"uid-{i}", Given.Options).TotalSeconds).ToList();

        Assert.That(delays.Distinct().Count(), Is.GreaterThan(90));
        Assert.That(delays.Max() - delays.Min(), Is.GreaterThan(4), "of the 6.4 s that a fifth either way of 16 s leaves");
    }

    [TestCase(9, 5)]
    [TestCase(10, 1)]
    public void A_long_healthy_run_ends_the_row(int minutes, int expected)
    {
        var job = Given.Job(status: s => Given.Whole(s, 2) with
        {
            FailuresInRow = 4,
            Conditions = [Given.Condition(ConditionTypes.Running, true, since: Given.Now.AddMinutes(-minutes))],
        });

        Assert.That(RestartBackoff.FailuresInRow(Given.View(job)), Is.EqualTo(expected));
    }

    [Test]
    public void A_gang_that_never_ran_goes_on_with_the_row()
    {
        var job = Given.Job(status: s => Given.Whole(s, 2) with
        {
            FailuresInRow = 4,
            Conditions = [Given.Condition(ConditionTypes.Running, false, since: Given.Now.AddDays(-1))],
        });

        Assert.That(RestartBackoff.FailuresInRow(Given.View(job)), Is.EqualTo(5));
    }
}
