using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class LossTests
{
    [Test]
    public void A_stream_that_ended_is_waited_for_for_a_second()
    {
        GangScene.Training(3, 1).Closed("p1", 99.2).Decide().Keeps(lookAgain: 0.2);

        var decision = GangScene.Training(3, 1).Closed("p1", 99).Decide();
        decision.Forms(6, FormationCause.Loss, "p0", "p2");
        decision.Evicts(("p1", EvictionReason.ConnectionClosed));
    }

    [Test]
    public void Not_where_a_peer_saw_its_connection_close_too() =>
        GangScene.Training(3, 1).Closed("p1", 99.9).Broken("p0", 99.95, 1).Decide().Forms(6, FormationCause.Loss, "p0", "p2");

    [Test]
    public void A_peer_alone_evicts_nobody() => GangScene.Training(3, 1).Broken("p0", 99.9, 1).Decide().Keeps(lookAgain: 0.2);

    [Test]
    public void A_rank_names_the_pod_that_its_process_is_in() =>
        GangScene.Training(3, 1).Processes(4).Closed("p2", 99.9).Broken("p0", 99.95, 9).Decide().Forms(6, FormationCause.Loss, "p0", "p1");

    [Test]
    public void A_report_of_a_group_before_names_nobody() =>
        GangScene.Training(3, 1).Broken("p0", 99.95, 1).Recorded(6, ["p0", "p1", "p2"]).InGroup(6, 41).Closed("p1", 99.9).Decide().Keeps(lookAgain: 0.9);

    [Test]
    public void A_pod_that_ended_is_lost_at_once() =>
        GangScene.Training(3, 1).Pod("p2", p => p with { State = GangPodState.Ended }).Decide().Evicts(("p2", EvictionReason.PodEnded));

    [Test]
    public void A_node_that_is_gone_takes_its_worker_along_whatever_that_says() =>
        GangScene.Training(3, 1).Pod("p2", p => p with { LostBecause = "its node was deleted" }).Decide().Forms(6, FormationCause.Loss, "p0", "p1");

    [Test]
    public void A_pod_that_the_cache_has_not_seen_yet_is_not_lost_while_its_worker_speaks() => GangScene.Training(2).Gone("p1").Decide().Keeps();

    [Test]
    public void Two_lost_at_once_are_left_out_together()
    {
        var decision = GangScene.Training(4, 1).Closed("p1", 98).Closed("p3", 98).Decide();

        decision.Forms(6, FormationCause.Loss, "p0", "p2");
        decision.Evicts(("p1", EvictionReason.ConnectionClosed), ("p3", EvictionReason.ConnectionClosed));
    }

    [Test]
    public void The_owner_lost_is_one_like_any_other()
    {
        var decision = GangScene.Training(3, 1).Closed("p0", 98).Decide();

        decision.Forms(6, FormationCause.Loss, "p1", "p2");
        Assert.That(decision.Membership!.Members, Has.All.Property(nameof(GangMember.IsWitness)).True);
    }

    [Test]
    public void Lost_while_it_writes_a_checkpoint_the_writer_is_one_like_any_other() =>
        GangScene.Training(2, 1).Leaving("p0").Closed("p0", 98).Decide().Forms(6, FormationCause.Leaving, "p1");

    [Test]
    public void All_lost_the_gang_starts_again_from_its_checkpoint()
    {
        var decision = GangScene.Training(3, 1).Closed("p0", 90).Closed("p1", 90).Closed("p2", 90).Decide();

        Assert.That(decision.Change, Is.EqualTo(MembershipChange.Restart));
        Assert.That(decision.Evicted, Has.Count.EqualTo(3));
    }

    [Test]
    public void Where_all_streams_ended_at_once_it_may_be_the_leader_that_nobody_reaches()
    {
        GangScene.Training(2, 1).Closed("p0", 98).Closed("p1", 98).Decide().Keeps(lookAgain: 1);
    }

    [Test]
    public void A_member_that_speaks_but_is_never_ready_is_left_out_after_half_a_minute()
    {
        GangScene Scene(double announced) => GangScene.Training(2, 1).Recorded(6, ["p0", "p1"]).AnnouncedAt(announced).Ready("p0", 6);

        Scene(90).Decide().Keeps(lookAgain: 20);
        var decision = Scene(70).Decide();
        decision.Forms(7, FormationCause.Loss, "p0");
        decision.Evicts(("p1", EvictionReason.NotReady));
    }

    [Test]
    public void What_happens_after_the_end_of_the_training_is_no_loss() =>
        GangScene.Training(2).Ended().Closed("p1", 50).Pod("p1", p => p with { State = GangPodState.Ended }).Decide().Keeps();
}
