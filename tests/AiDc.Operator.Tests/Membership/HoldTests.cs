using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class HoldTests
{
    [Test]
    public void A_rigid_gang_that_loses_a_worker_holds_and_the_newest_state_is_written_if_need_be()
    {
        var decision = GangScene.Training(3).Closed("p0", 98).Standing("p2", s => s with { CommittedStep = 41 }).Decide();

        decision.Holds(6, writer: "p2");
        decision.Evicts(("p0", EvictionReason.ConnectionClosed));
        Assert.That(decision.Membership!.Members.Select(m => m.PodUid), Is.EqualTo(new[] { "p0", "p1", "p2" }), "any of them can carry on");
    }

    [Test]
    public void An_elastic_gang_holds_below_its_least() =>
        GangScene.Training(4, 3).Closed("p0", 98).Closed("p1", 98).Decide().Holds(6, writer: "p2");

    [Test]
    public void It_goes_on_with_the_replacement_and_without_waiting_for_anybody_else()
    {
        var decision = Holding("p1", "p2").Gone("p0").Replacement("p0.1").Prepared("p0.1").Decide();

        decision.Forms(7, FormationCause.Resumed, "p0.1", "p1", "p2");
        Assert.That(decision.Membership!.Members.Select(m => m.IsWitness), Is.EqualTo(new[] { false, true, true }));
    }

    [Test]
    public void It_waits_as_long_as_it_takes() => Holding("p1", "p2").Gone("p0").Decide().Keeps();

    [Test]
    public void The_one_who_was_lost_may_come_back_late_while_its_slot_is_empty() =>
        Holding("p1", "p2").Says("p0", new(true, 5, false, true, 40, 5)).Decide().Forms(7, FormationCause.Resumed, "p0", "p1", "p2");

    [Test]
    public void One_more_lost_is_replaced_too()
    {
        var decision = Holding("p1", "p2").Gone("p0").Writer("p2").Closed("p1", 90).Decide();

        decision.Keeps();
        decision.Evicts(("p1", EvictionReason.ConnectionClosed));
    }

    [Test]
    public void Another_writer_is_named_where_the_first_is_lost() => Holding("p1", "p2").Gone("p0").Closed("p1", 90).Writer("p1").Decide().Holds(7, writer: "p2");

    [Test]
    public void With_the_last_who_has_the_state_all_is_lost() =>
        Assert.That(Holding("p1", "p2").Gone("p0").Closed("p1", 90).Closed("p2", 90).Replacement("p0.1").Prepared("p0.1").Decide().Change, Is.EqualTo(MembershipChange.Restart));

    [Test]
    public void A_new_leader_makes_the_hold_its_own() =>
        Holding("p1", "p2").Gone("p0").Recorded(6, ["p0", "p1", "p2"], hold: "too few", ours: false).Decide().Holds(7, writer: "p1");

    [Test]
    public void A_suspension_ends_the_training_as_soon_as_everybody_leaves() =>
        GangScene.Training(2).Ending().Leaving("p0", "p1").Decide().Holds(6, writer: "p0");

    private static GangScene Holding(params string[] alive)
    {
        var scene = new GangScene(3).Recorded(6, ["p0", "p1", "p2"], hold: "too few").Writer(alive[0]);
        return alive.Aggregate(scene, (s, uid) => s.Says(uid, new(true, 6, false, true, 40, 5)));
    }
}
