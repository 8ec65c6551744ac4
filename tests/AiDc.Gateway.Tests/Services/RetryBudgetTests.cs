using AiDc.Gateway.Services;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Gateway.Tests.Services;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider clock = new();

    [Test]
    public void The_loss_of_a_replica_is_within_the_store_and_more_than_that_is_not()
    {
        var budget = new RetryBudget(clock);

        Assert.That(Spent(budget), Is.EqualTo((int)RetryBudget.Capacity));
        Assert.That(budget.Allows(), Is.False);
    }

    [Test]
    public void Five_requests_earn_a_retry()
    {
        var budget = new RetryBudget(clock);
        Spent(budget);

        for (var i = 0; i < 500; i++) budget.Earn();

        Assert.That(Spent(budget), Is.EqualTo(100).Within(1));
    }

    [Test]
    public void It_fills_by_itself_and_never_beyond_the_store()
    {
        var budget = new RetryBudget(clock);
        Spent(budget);

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(Spent(budget), Is.EqualTo(2 * (int)RetryBudget.PerSecond));

        clock.Advance(TimeSpan.FromDays(1));
        Assert.That(Spent(budget), Is.EqualTo((int)RetryBudget.Capacity));
    }

    private static int Spent(RetryBudget budget)
    {
        var spent = 0;
        while (budget.Spend()) spent++;
        return spent;
    }
}
