using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class ElasticTests
{
    [Test]
    public void A_replacement_joins_while_steps_go_on()
    {
        var decision = GangScene.Training(3, 1).Recorded(5, ["p0", "p2"]).Gone("p1").Replacement("p1.1").Prepared("p1.1").LastAdvance(99.9).Decide();

        decision.Forms(6, FormationCause.Join, "p0", "p1.1", "p2");
        Assert.That(decision.Membership!.Members.Select(m => m.IsWitness), Is.EqualTo(new[] { true, false, true }));
    }

    [Test]
    public void Not_while_the_generation_before_still_forms() =>
        GangScene.Training(3, 1).Recorded(6, ["p0", "p2"]).Ready("p0", 6).Prepared("p1").Decide().Keeps(lookAgain: 20);

    [Test]
    public void A_loss_takes_the_joiner_in_at_once() =>
        GangScene.Training(3, 1).Recorded(5, ["p0", "p2"]).Prepared("p1").Closed("p2", 98).Decide().Forms(6, FormationCause.Loss, "p0", "p1");

    [Test]
    public void Grown_it_takes_in_the_new_slots_each_when_it_is_there()
    {
        GangScene.Training(2, 1).Resized(4, atLeast: 1).Prepared("p2").Decide().Forms(6, FormationCause.Join, "p0", "p1", "p2");
    }

    [Test]
    public void A_rigid_gang_grows_in_one_go_and_trains_on_until_then()
    {
        GangScene.Training(2).Resized(4).Prepared("p2").Decide().Keeps();
        GangScene.Training(2).Resized(4).Prepared("p2", "p3").Decide().Forms(6, FormationCause.Join, "p0", "p1", "p2", "p3");
    }

    [Test]
    public void Made_smaller_it_goes_on_without_the_highest_indexes()
    {
        var decision = GangScene.Training(4).Resized(2).Decide();

        decision.Forms(6, FormationCause.Resize, "p0", "p1");
        decision.Evicts(("p2", EvictionReason.Resized), ("p3", EvictionReason.Resized));
        Assert.That(decision.Evicted.Any(e => e.IsLoss), Is.False);
    }

    [Test]
    public void Made_smaller_while_only_the_highest_have_the_state_it_waits_for_the_others_to_have_it() =>
        new GangScene(3, 1).Recorded(6, ["p0", "p1", "p2"], witnesses: ["p2"]).Prepared("p0", "p1").Says("p2", new(true, 6, false, true, 40, 5))
            .Ready("p0", 6).Ready("p1", 6).Ready("p2", 6).Resized(2, atLeast: 1).Decide().Keeps();

    [Test]
    public void A_member_on_a_node_that_is_avoided_stays_and_a_joiner_there_stays_out()
    {
        GangScene.Training(2, 1).Pod("p1", p => p with { NodeIsAvoided = true }).Decide().Keeps();
        GangScene.Training(2, 1).Recorded(5, ["p0"]).Prepared("p1").Pod("p1", p => p with { NodeIsAvoided = true }).Decide().Keeps();
    }

    [Test]
    public void A_worker_that_comes_back_late_is_taken_while_its_slot_has_no_newer_pod()
    {
        GangScene Scene() => GangScene.Training(2, 1).Recorded(6, ["p0"]).InGroup(6, 90);

        Scene().Decide().Forms(7, FormationCause.Join, "p0", "p1");

        var replaced = Scene().Replacement("p1.1").Decide();
        replaced.Keeps();
        replaced.Evicts(("p1", EvictionReason.Replaced));
    }

    [Test]
    public void A_broken_group_without_a_loss_is_formed_again_after_a_moment()
    {
        GangScene.Training(2).Broken("p0", 99.9).Decide().Keeps(lookAgain: 0.2);
        GangScene.Training(2).Broken("p0", 99.7).Decide().Forms(6, FormationCause.Broken, "p0", "p1");
    }

    [Test]
    public void A_group_that_breaks_time_after_time_without_a_step_is_formed_again_after_ever_longer_pauses()
    {
        GangScene.Training(2).LastAdvance(99).Broken("p0", 99.8).Decide().Keeps(lookAgain: 0.2);
        GangScene.Training(2).LastAdvance(90).Broken("p0", 99).Decide().Keeps(lookAgain: 3.5);
        GangScene.Training(2).LastAdvance(10).Broken("p0", 90).Decide().Keeps(lookAgain: 5);
        GangScene.Training(2).LastAdvance(10).Broken("p0", 84).Decide().Forms(6, FormationCause.Broken, "p0", "p1");
    }

    [Test]
    public void A_broken_group_of_which_one_is_not_connected_waits_for_its_verdict() =>
        GangScene.Training(2, 1).Broken("p0", 99.5).Closed("p1", 99.4).Decide().Keeps(lookAgain: 0.4);
}
