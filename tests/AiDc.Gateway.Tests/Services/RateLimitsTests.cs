using AiDc.Gateway.Services;


namespace AiDc.Gateway.Tests.Services;

public sealed class RateLimitsTests
{
    [Test]
    public void A_burst_passes_and_what_is_beyond_it_does_not()
    {
        using var limits = new RateLimits(new(0.02, 5, null));

        Assert.That(Enumerable.Range(0, 20).Count(_ => limits.Take("a") is null), Is.EqualTo(5));
        Assert.That(limits.Take("b"), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void A_client_that_is_refused_costs_the_others_nothing()
    {
        using var limits = new RateLimits(new(0.02, 6, 0.02));

        Assert.That(Enumerable.Range(0, 100).Count(_ => limits.Take("greedy") is null), Is.EqualTo(6));
        using var own = new RateLimits(new(null, 3, 0.02));
        Assert.That(Enumerable.Range(0, 100).Count(_ => own.Take("greedy") is null), Is.EqualTo(3));
        Assert.That(own.Take("other"), Is.Null);
    }

    [Test]
    public async Task Time_lets_more_pass()
    {
        using var limits = new RateLimits(new(50, 1, null));
        Assert.That(limits.Take("a"), Is.Null);

        await Testing.Eventually.Assert(() => limits.Take("a") is null);
    }

    [Test]
    public void Without_limits_everything_passes() => Assert.That(Enumerable.Range(0, 1000).All(_ => RateLimits.None.Take("a") is null), Is.True);
}
