using AiDc.Gateway.Attempts;


namespace AiDc.Gateway.Tests.Attempts;

[TestFixture]
internal sealed class RetryPolicyTests
{
    private static RetryFacts Facts(AttemptEnd end, bool idempotent = true, bool kept = true, int paid = 0, bool budget = true) => new(end, idempotent, kept, paid, budget);

    [TestCase(AttemptEnd.Draining)]
    [TestCase(AttemptEnd.Full)]
    [TestCase(AttemptEnd.NotConnected)]
    public void What_was_not_processed_goes_elsewhere_whatever_it_does(AttemptEnd end) =>
        Assert.That(RetryPolicy.Decide(Facts(end, idempotent: false, paid: 99, budget: false)), Is.EqualTo(RetryVerdict.Again));

    [TestCase(AttemptEnd.Broken)]
    [TestCase(AttemptEnd.Abandoned)]
    public void What_may_have_been_processed_goes_elsewhere_only_where_that_does_no_harm_and_is_paid_for(AttemptEnd end)
    {
        Assert.That(RetryPolicy.Decide(Facts(end)), Is.EqualTo(RetryVerdict.AgainPaid));
        Assert.That(RetryPolicy.Decide(Facts(end, idempotent: false)), Is.EqualTo(RetryVerdict.GiveUp));
        Assert.That(RetryPolicy.Decide(Facts(end, budget: false)), Is.EqualTo(RetryVerdict.GiveUp));
        Assert.That(RetryPolicy.Decide(Facts(end, paid: RetryPolicy.MostPaid)), Is.EqualTo(RetryVerdict.GiveUp));
    }

    [Test]
    public void Without_its_body_no_request_goes_anywhere(
        [Values(AttemptEnd.Draining, AttemptEnd.Full, AttemptEnd.NotConnected, AttemptEnd.Broken, AttemptEnd.Abandoned)] AttemptEnd end) =>
        Assert.That(RetryPolicy.Decide(Facts(end, kept: false)), Is.EqualTo(RetryVerdict.GiveUp));

    [TestCase(AttemptEnd.Answered)]
    [TestCase(AttemptEnd.BrokenAnswer)]
    [TestCase(AttemptEnd.ClientLeft)]
    [TestCase(AttemptEnd.ClientFault)]
    public void After_an_answer_or_a_client_there_is_nothing_to_do(AttemptEnd end) => Assert.That(RetryPolicy.Decide(Facts(end)), Is.EqualTo(RetryVerdict.Done));

    [Test]
    public void A_deadline_is_a_deadline() => Assert.That(RetryPolicy.Decide(Facts(AttemptEnd.TimedOut)), Is.EqualTo(RetryVerdict.GiveUp));
}
