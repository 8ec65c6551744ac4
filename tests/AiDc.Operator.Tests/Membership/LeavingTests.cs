using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class LeavingTests
{
    [Test]
    public void An_elastic_gang_goes_on_without_who_is_asked_to_end()
    {
        var decision = GangScene.Training(3, 1).Leaving("p1").Decide();

        decision.Forms(6, FormationCause.Leaving, "p0", "p2");
        decision.Evicts(("p1", EvictionReason.Left));
    }

    [Test]
    public void A_rigid_gang_trains_on_with_it_until_its_replacement_is_prepared()
    {
        GangScene.Training(2).Leaving("p1").Decide().Keeps();
        GangScene.Training(2).Leaving("p1").Replacement("p1.1").Prepared("p1.1").Decide().Forms(6, FormationCause.Leaving, "p0", "p1.1");
    }

    [Test]
    public void All_asked_to_end_hand_their_state_on_through_one_of_them()
    {
        var decision = GangScene.Training(2).Leaving("p0", "p1").Replacement("p0.1").Replacement("p1.1").Prepared("p0.1", "p1.1").Decide();

        decision.Forms(6, FormationCause.Leaving, "p0", "p1.1");
        Assert.That(decision.Membership!.Members.Select(m => m.IsWitness), Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public void And_once_the_other_has_it_nobody_who_leaves_is_needed() =>
        new GangScene(2).Recorded(6, ["p0", "p1.1"], witnesses: ["p0"]).Gone("p1").Replacement("p1.1").Replacement("p0.1").InGroup(6, 40).Leaving("p0")
            .Prepared("p0.1").Decide().Forms(7, FormationCause.Leaving, "p0.1", "p1.1");

    [Test]
    public void One_who_has_left_is_no_loss()
    {
        var decision = GangScene.Training(2).Leaving("p1").Closed("p1", 98).Decide();

        decision.Holds(6, writer: "p0");
        decision.Evicts(("p1", EvictionReason.Left));
        Assert.That(decision.Evicted[0].IsLoss, Is.False);
    }

    [Test]
    public void Another_lost_meanwhile_an_elastic_gang_goes_on_with_one_who_leaves_if_it_needs_it() =>
        GangScene.Training(3, 2).Leaving("p1").Closed("p2", 98).Decide().Forms(6, FormationCause.Loss, "p0", "p1");
}
