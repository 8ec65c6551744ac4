using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

/// <summary>At most one group can commit, whoever the leader takes for dead.</summary>
public sealed class WitnessTests
{
    [Test]
    public void In_a_partition_whoever_was_in_no_group_does_not_begin_a_second_one()
    {
        var decision = GangScene.Training(3, 1).Recorded(5, ["p0", "p1"]).Closed("p0", 90).Closed("p1", 90).Prepared("p2").Decide();

        Assert.That(decision.Change, Is.EqualTo(MembershipChange.Restart), "p0 and p1 may train on, on the other side");
    }

    [Test]
    public void Of_a_partition_the_side_that_the_leader_hears_goes_on_as_the_other_cannot_without_it() =>
        GangScene.Training(3, 1).Closed("p0", 90).Closed("p1", 90).Decide().Forms(6, FormationCause.Loss, "p2");

    [Test]
    public void A_late_worker_of_an_older_group_does_not_take_over_from_one_that_may_still_train()
    {
        var decision = GangScene.Training(3, 1).Recorded(6, ["p0", "p1"]).InGroup(6, 90).Closed("p0", 90).Closed("p1", 90).Decide();

        Assert.That(decision.Change, Is.EqualTo(MembershipChange.Restart), "p2 stands at step 40 of generation 5");
    }

    [Test]
    public void One_that_was_only_named_in_a_generation_is_no_witness_before_it_was_in_its_group()
    {
        GangScene Scene() => new GangScene(2, 1).Recorded(6, ["p0", "p1"], witnesses: ["p0"]).Says("p0", new(true, 5, true, true, 40, 5));

        var before = Scene().Says("p1", new(true, 6, false, false, 0, 0)).Closed("p0", 90).Decide();
        var after = Scene().Says("p1", new(true, 6, true, true, 40, 6)).Closed("p0", 90).Decide();

        Assert.That(before.Change, Is.EqualTo(MembershipChange.Restart));
        after.Forms(7, FormationCause.Loss, "p1");
        Assert.That(after.Membership!.Members[0].IsWitness, Is.True);
    }

    [Test]
    public void Who_may_have_taken_over_the_state_just_before_the_loss_is_asked_once_more()
    {
        var scene = new GangScene(2, 1).Recorded(6, ["p0", "p1"], witnesses: ["p0"]).Says("p1", new(true, 6, false, false, 0, 0));

        scene.Says("p0", new(true, 6, true, true, 40, 6)).Standing("p0", s => s with { StateGeneration = 5 })
            .Closed("p0", 99.9).Pod("p0", p => p with { State = GangPodState.Ended }).Decide().Keeps(lookAgain: 0.9);
    }

    [Test]
    public void That_a_member_is_a_witness_is_handed_on_only_to_members_who_are()
    {
        var decision = new GangScene(3, 1).Recorded(6, ["p0", "p1", "p2"], witnesses: ["p0", "p1"])
            .Says("p0", new(true, 6, false, true, 40, 5)).Says("p1", new(true, 5, false, true, 40, 5)).Says("p2", new(true, 6, false, false, 0, 0))
            .Closed("p0", 98).Decide();

        Assert.That(decision.Membership!.Members, Is.EqualTo(new[] { new GangMember(1, "p1", true), new GangMember(2, "p2") }));
    }
}
