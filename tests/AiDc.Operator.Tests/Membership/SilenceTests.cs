using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class SilenceTests
{
    [Test]
    public void A_silent_member_is_out_after_the_time_that_the_spec_says()
    {
        GangScene.Training(3, 1).LastHeard("p1", 97.5).Decide().Keeps(lookAgain: 0.5);
        GangScene.Training(3, 1).LastHeard("p1", 97).Decide().Evicts(("p1", EvictionReason.Silent));
    }

    [Test]
    public void A_heartbeat_that_is_a_little_late_is_not_even_looked_at() => GangScene.Training(3, 1).LastHeard("p1", 99.2).Decide().Keeps();

    [Test]
    public void Silent_but_the_gang_still_steps_so_it_lives()
    {
        GangScene.Training(3, 1).LastHeard("p1", 60).LastAdvance(99.9).Decide().Keeps(lookAgain: 2.4);
        GangScene.Training(3, 1).Closed("p1", 60).LastAdvance(99.9).Decide().Keeps(lookAgain: 0.4);
    }

    [Test]
    public void A_step_that_was_heard_of_just_after_the_silence_began_proves_no_more_than_a_heartbeats_time() =>
        GangScene.Training(3, 1).LastHeard("p1", 96.5).LastAdvance(97.4).Decide().Evicts(("p1", EvictionReason.Silent));

    [Test]
    public void Steps_prove_nothing_about_one_who_waits_to_join() =>
        GangScene.Training(2, 1).Recorded(5, ["p0"]).LastHeard("p1", 90).LastAdvance(99.9).Decide().Evicts(("p1", EvictionReason.Silent));

    [Test]
    public void A_leader_that_was_asleep_forgives()
    {
        GangScene.Training(3, 1).LastHeard("p1", 90).ForgivenAt(99).Decide().Keeps(lookAgain: 2);
        GangScene.Training(3, 1).Closed("p1", 90).ForgivenAt(99.5).Decide().Keeps(lookAgain: 0.5);
    }

    [Test]
    public void A_recorded_member_that_never_says_hello_is_silent_from_the_leaders_election_and_has_two_seconds_more_to_find_it()
    {
        GangScene Scene(double since) => GangScene.Training(2, 1).NeverHeard("p1").LeaderSince(since);

        Scene(96).Decide().Keeps(lookAgain: 1);
        Scene(95).Decide().Evicts(("p1", EvictionReason.Silent));
    }

    [Test]
    public void A_pod_that_was_never_heard_and_is_no_member_may_be_starting() =>
        GangScene.Training(3, 1).Recorded(5, ["p0", "p1"]).NeverHeard("p2").Decide().Keeps();
}
