using AiDc.Gateway.Attempts;
using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Tests.Attempts;

public sealed class AttemptEndPolicyTests
{
    private static readonly AttemptFacts Failed = new(ForwarderError.Request, false, false, false, false, AttemptState.Waiting, false);

    [Test]
    public void A_failure_that_nothing_else_explains_is_a_broken_connection() => Assert.That(AttemptEndPolicy.Of(Failed), Is.EqualTo(AttemptEnd.Broken));

    [Test]
    public void No_connection_is_told_from_a_broken_one() => Assert.That(AttemptEndPolicy.Of(Failed with { NotConnected = true }), Is.EqualTo(AttemptEnd.NotConnected));

    [Test]
    public void A_client_that_left_explains_everything() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { ClientLeft = true, TimedOut = true, Started = true }), Is.EqualTo(AttemptEnd.ClientLeft));

    [Test]
    public void Once_a_part_of_the_answer_is_passed_on_it_cannot_be_taken_back() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.ResponseBodyDestination, Started = true, Last = AttemptState.Answering }), Is.EqualTo(AttemptEnd.BrokenAnswer));

    [Test]
    public void An_answer_of_which_nothing_was_passed_on_is_as_good_as_none() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.ResponseBodyDestination, Last = AttemptState.Answering }), Is.EqualTo(AttemptEnd.Broken));

    [Test]
    public void A_whole_answer_counts_even_if_the_replica_did_not_want_the_body() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.RequestBodyDestination, Complete = true, Last = AttemptState.Answering }), Is.EqualTo(AttemptEnd.Answered));

    [Test]
    public void Time_that_ran_out_is_told_from_a_replica_that_was_given_up()
    {
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.RequestCanceled, TimedOut = true }), Is.EqualTo(AttemptEnd.TimedOut));
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.RequestCanceled, TimedOut = true, Last = AttemptState.Abandoned }), Is.EqualTo(AttemptEnd.Abandoned));
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.RequestCanceled, TimedOut = true, Last = AttemptState.Broken }), Is.EqualTo(AttemptEnd.Broken));
    }

    [Test]
    public void Time_that_the_caller_set_or_took_is_the_callers()
    {
        var late = Failed with { Error = ForwarderError.RequestCanceled, TimedOut = true };
        Assert.That(AttemptEndPolicy.Of(late with { IsImpatient = true }), Is.EqualTo(AttemptEnd.OutOfPatience));
        Assert.That(AttemptEndPolicy.Of(late with { AwaitsBody = true }), Is.EqualTo(AttemptEnd.SlowBody));
    }

    [Test]
    public void A_client_that_is_gone_while_the_answer_is_written_breaks_no_answer() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.ResponseBodyClient, Started = true, Last = AttemptState.Answering }), Is.EqualTo(AttemptEnd.ClientLeft));

    [Test]
    public void A_malformed_body_is_the_clients_fault() =>
        Assert.That(AttemptEndPolicy.Of(Failed with { Error = ForwarderError.RequestBodyClient }), Is.EqualTo(AttemptEnd.ClientFault));
}
