using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Tests.Replicas;

[TestFixture]
internal sealed class HealthPolicyTests
{
    private static readonly ReplicaHealth Well = HealthPolicy.Next(ReplicaHealth.Unknown, ProbeOutcome.Good);

    [Test]
    public void One_good_answer_takes_a_replica_in()
    {
        Assert.That(ReplicaHealth.Unknown.IsIn, Is.False);
        Assert.That(Well.IsIn, Is.True);
        Assert.That(After(Well, ProbeOutcome.Unreachable, ProbeOutcome.Good).IsIn, Is.True);
    }

    [TestCase(ProbeOutcome.Unreachable)]
    [TestCase(ProbeOutcome.Broken)]
    [TestCase(ProbeOutcome.Draining)]
    public void One_failure_to_connect_or_one_refusal_takes_it_out(ProbeOutcome outcome) => Assert.That(After(Well, outcome).IsIn, Is.False);

    [TestCase(ProbeOutcome.Slow)]
    [TestCase(ProbeOutcome.NotReady)]
    public void Of_bad_answers_it_takes_two_in_a_row(ProbeOutcome outcome)
    {
        Assert.That(After(Well, outcome).IsIn, Is.True);
        Assert.That(After(Well, outcome, outcome).IsIn, Is.False);
        Assert.That(After(Well, outcome, ProbeOutcome.Good, outcome).IsIn, Is.True);
    }

    [Test]
    public void A_bad_answer_takes_nobody_in() => Assert.That(After(ReplicaHealth.Unknown, ProbeOutcome.NotReady).IsIn, Is.False);

    [Test]
    public void What_waits_for_a_dead_node_goes_elsewhere_even_if_there_is_nothing_yet()
    {
        Assert.That(HealthPolicy.IsLost(After(Well, ProbeOutcome.Unreachable), othersUsable: false), Is.True);
        Assert.That(HealthPolicy.IsLost(After(Well, ProbeOutcome.Slow, ProbeOutcome.Slow), othersUsable: true), Is.True);
    }

    [Test]
    public void What_waits_for_a_process_that_hangs_waits_on_where_there_is_no_other() =>
        Assert.That(HealthPolicy.IsLost(After(Well, ProbeOutcome.Slow, ProbeOutcome.Slow), othersUsable: false), Is.False);

    [TestCase(ProbeOutcome.Broken)]
    [TestCase(ProbeOutcome.Draining)]
    [TestCase(ProbeOutcome.NotReady)]
    public void One_broken_connection_or_one_refusal_says_nothing_about_the_other_requests(ProbeOutcome outcome) =>
        Assert.That(HealthPolicy.IsLost(After(Well, outcome, outcome), othersUsable: true), Is.False);

    private static ReplicaHealth After(ReplicaHealth health, params ProbeOutcome[] outcomes) => outcomes.Aggregate(health, HealthPolicy.Next);
}
