using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class FirstGenerationTests
{
    [Test]
    public void It_is_formed_once_all_workers_are_prepared_and_all_are_its_witnesses()
    {
        var decision = new GangScene(3).Prepared("p0", "p1", "p2").Decide();

        decision.Forms(1, FormationCause.First, "p0", "p1", "p2");
        Assert.That(decision.Membership!.Members, Has.All.Property(nameof(GangMember.IsWitness)).True);
    }

    [Test]
    public void A_rigid_gang_waits_for_the_last_worker_for_ever() => new GangScene(3).Prepared("p0", "p1").Now(5000).Decide().Keeps();

    [Test]
    public void An_elastic_gang_waits_half_a_minute_for_the_rest_from_when_enough_were_prepared()
    {
        GangScene At(double now) => new GangScene(3, 2).Now(100).Prepared("p0").Now(110).Prepared("p1").Now(now).Prepared("p0", "p1");

        At(139).Decide().Keeps(lookAgain: 1);
        At(140).Decide().Forms(1, FormationCause.First, "p0", "p1");
    }

    [Test]
    public void Who_is_not_prepared_is_not_counted() =>
        new GangScene(2).Prepared("p0").Says("p1", default).Decide().Keeps();

    [Test]
    public void The_generation_of_a_new_attempt_is_above_all_before_it() =>
        new GangScene(2).Recorded(7, ["p8", "p9"], attempt: 0).Prepared("p0", "p1").Decide().Forms(8, FormationCause.First, "p0", "p1");

    [Test]
    public void It_is_above_what_any_worker_has_accepted_where_the_record_was_lost() =>
        new GangScene(2).Prepared("p0").Says("p1", new(true, 12, false, false, 0, 0)).Decide().Forms(13, FormationCause.First, "p0", "p1");

    [Test]
    public void Lost_while_joining_a_worker_is_replaced_and_the_others_wait_for_it()
    {
        var decision = new GangScene(3).Prepared("p0", "p1", "p2").Closed("p1", 96).Decide();

        decision.Keeps();
        decision.Evicts(("p1", EvictionReason.ConnectionClosed));
        Assert.That(decision.Evicted[0].WasMember, Is.False);
    }

    [Test]
    public void A_worker_on_a_node_that_is_avoided_or_whose_pod_is_being_deleted_is_not_taken()
    {
        new GangScene(2, 1).Prepared("p0", "p1").Pod("p0", p => p with { NodeIsAvoided = true }).Decide().Keeps(lookAgain: 30);
        new GangScene(2).Prepared("p0", "p1").Pod("p1", p => p with { IsBeingDeleted = true }).Decide().Keeps();
    }
}
