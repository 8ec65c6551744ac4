using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class LeaderChangeTests
{
    [Test]
    public void A_new_leader_leaves_a_gang_that_trains_alone() => Trained().Decide().Keeps();

    [Test]
    public void One_that_does_not_train_in_the_recorded_generation_makes_a_new_one_of_all() =>
        Trained().Standing("p1", s => s with { InGroup = false }).Decide().Forms(6, FormationCause.NewLeader, "p0", "p1");

    [Test]
    public void Also_where_the_others_have_not_said_hello_yet() =>
        Trained().Standing("p1", s => s with { InGroup = false }).NeverHeard("p0").LeaderSince(99.5).Decide().Forms(6, FormationCause.NewLeader, "p0", "p1");

    [Test]
    public void The_leader_that_formed_it_starts_it_and_forms_none_anew() =>
        GangScene.Training(2).Recorded(6, ["p0", "p1"]).Ready("p0", 6).Ready("p1", 6).Decide().Keeps();

    [Test]
    public void The_leader_and_a_worker_lost_at_the_same_moment_the_worker_is_out_a_while_after_the_election()
    {
        Trained().NeverHeard("p1").LeaderSince(96).Decide().Keeps(lookAgain: 1);
        var decision = Trained().NeverHeard("p1").LeaderSince(95).Decide();
        decision.Holds(6, writer: "p0");
        decision.Evicts(("p1", EvictionReason.Silent));
    }

    [Test]
    public void A_worker_that_did_not_ask_with_the_others_while_nobody_led_is_out_as_soon_as_somebody_does()
    {
        var decision = Trained().NeverHeard("p1").Searching(since: 96, ("p0", 98.9)).Decide();

        decision.Holds(6, writer: "p0");
        decision.Evicts(("p1", EvictionReason.Silent));
        Trained().NeverHeard("p1").Searching(since: 97.5, ("p0", 98.9)).Decide().Keeps(lookAgain: 0.5);
    }

    [Test]
    public void A_worker_that_asked_too_is_waited_for_from_its_last_word() =>
        Trained().NeverHeard("p1").Searching(since: 92, ("p0", 98.9), ("p1", 98)).Decide().Keeps(lookAgain: 1);

    [Test]
    public void A_generation_that_a_worker_has_accepted_from_a_leader_whose_record_was_lost_is_superseded() =>
        GangScene.Training(2).Standing("p0", s => s with { Generation = 8, InGroup = false }).Decide().Forms(9, FormationCause.NewLeader, "p0", "p1");

    private static GangScene Trained() => GangScene.Training(2).Recorded(5, ["p0", "p1"], ours: false).LeaderSince(99);
}
