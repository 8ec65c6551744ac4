using AiDc.Coordination.Members;
using AiDc.Operator.Membership;
using AiDc.Protocol.Tests.Model;

namespace AiDc.Protocol.Tests;

/// <summary>The exploration finds mistakes: each rule of the protocol that is taken away shows up as what it is there against.</summary>
public sealed class PlantedMistakesTests
{
    private static readonly Rules Rules = new(3, new GangSize(3, 1));

    [Test]
    public void A_decision_that_forgets_the_witnesses_lets_two_groups_train() =>
        Finds(Rules with { Decide = ForgetsWitnesses }, "both commit steps", "has committed more");

    [Test]
    public void A_new_leader_that_leaves_alone_what_the_one_before_has_not_started_is_found_to_be_stuck() =>
        Finds(Rules with { Decide = TakesForItsOwn }, "stuck");

    [Test]
    public void A_start_that_goes_by_the_step_alone_mixes_different_weights() =>
        Finds(Rules with { Start = GoesByStep }, "different weights", "has committed more");

    [Test]
    public void A_start_that_takes_any_owner_loses_what_another_has_committed() =>
        Finds(Rules with { Start = FirstOwns }, "has committed more");

    [Test]
    public void A_record_that_is_written_over_anothers_is_found() =>
        Finds(Rules with { ComparesVersion = false }, "");

    [Test]
    public void A_worker_that_does_not_say_again_what_the_stream_lost_is_found_to_be_stuck() =>
        Finds(Rules with { Size = new GangSize(3, 3), Machine = SaysOnce }, "stuck");

    private static void Finds(Rules rules, params string[] what)
    {
        var found = Search(rules);
        TestContext.Out.WriteLine(found);
        Assert.That(found, Is.Not.Null);
        Assert.That(what.Any(w => found!.Contains(w, StringComparison.Ordinal)), Is.True, found);
    }

    private static string? Search(Rules rules)
    {
        var explorer = new Explorer();
        if (ExplorationTests.Explore(explorer, rules, each: 400) is { Violation: { } violation })
            return violation;
        if (explorer.Samples.Select(s => FairSchedule.StuckAt(s.World)).FirstOrDefault(w => w is not null) is { } stuck)
            return stuck.Violation ?? "stuck";
        return ExplorationTests.Walks(rules, seed: 7, count: 4000).FirstOrDefault(w => w.Wrong is not null).Wrong;
    }

    private static MembershipDecision ForgetsWitnesses(GangView view) => MembershipPolicy.Decide(view with
    {
        Recorded = view.Recorded is { } r ? r with { Members = [.. r.Members.Select(m => m with { IsWitness = true })] } : null,
    });

    private static MembershipDecision TakesForItsOwn(GangView view) => MembershipPolicy.Decide(view with
    {
        Sessions = view.Sessions with { Announced = view.Recorded is { } r ? (r.Generation, view.Sessions.Now) : null },
    });

    private static StartOrder? GoesByStep(RecordedMembership membership, IReadOnlyDictionary<string, ReadyMember> ready) =>
        StartPolicy.Decide(membership, ready.ToDictionary(r => r.Key, r => r.Value with { StateGeneration = 1 }));

    private static StartOrder? FirstOwns(RecordedMembership membership, IReadOnlyDictionary<string, ReadyMember> ready) =>
        StartPolicy.Decide(membership, ready) is { } start ? start with { OwnerRank = 0 } : null;

    private static (MemberState, IReadOnlyList<MemberAction>) SaysOnce(MemberState state, MemberInput input) =>
        input is MemberInput.Welcomed ? (state, []) : MemberMachine.Apply(state, input);
}
