using AiDc.Gateway.Demand;

namespace AiDc.Gateway.Tests.Demand;

public sealed class ReconnectPolicyTests
{
    private static readonly Uri Home = new("https://10.96.0.1:8443");
    private static readonly Uri Leader = new("https://10.1.0.2:8443");
    private static readonly Dial First = new(Home, TimeSpan.Zero, 0, 0);

    [Test]
    public void A_redirection_is_followed_at_once() =>
        Assert.That(ReconnectPolicy.Next(First, new SessionEnd.Redirected(Leader), Home, 0.5), Is.EqualTo(new Dial(Leader, TimeSpan.Zero, 0, 1)));

    [Test]
    public void Replicas_that_point_at_each_other_are_not_chased_in_a_circle()
    {
        var dial = First;
        for (var i = 0; i <= ReconnectPolicy.RedirectsInARow; i++) dial = ReconnectPolicy.Next(dial, new SessionEnd.Redirected(Leader), Home, 0.5);

        Assert.That((dial.Address, dial.Redirects), Is.EqualTo((Home, 0)));
        Assert.That(dial.After, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void However_long_the_operator_is_gone_it_is_asked_twice_a_second()
    {
        var dial = First;
        for (var i = 0; i < 100; i++) dial = ReconnectPolicy.Next(dial, new SessionEnd.Lost("", false), Home, 0.999);

        Assert.That(dial.After, Is.InRange(ReconnectPolicy.Longest / 2, ReconnectPolicy.Longest));
        Assert.That(ReconnectPolicy.Next(dial, new SessionEnd.Lost("", true), Home, 0).After, Is.LessThanOrEqualTo(ReconnectPolicy.First));
    }

    [Test]
    public void A_refusal_is_not_argued_with() =>
        Assert.That(ReconnectPolicy.Next(First, new SessionEnd.Refused("no"), Home, 0).After, Is.EqualTo(ReconnectPolicy.AfterRefusal));
}
