using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Tests.Routing;

public sealed class ReplicaChoicePolicyTests
{
    private static readonly int[] NoWeights = [];

    [Test]
    public void The_replica_with_the_fewest_outstanding_requests_is_chosen([Range(0, 9)] int tenth)
    {
        Candidate[] candidates = [new(-1, 3, 8, true), new(-1, 1, 8, true), new(-1, 2, 8, true)];

        Assert.That(ReplicaChoicePolicy.Choose(candidates, NoWeights, -1, tenth / 10.0), Is.EqualTo(new ReplicaChoice(ChoiceKind.Chosen, 1, -1)));
    }

    [Test]
    public void Among_equals_each_has_its_turn()
    {
        Candidate[] candidates = [new(-1, 1, 8, true), new(-1, 1, 8, true), new(-1, 5, 8, true), new(-1, 1, 8, true)];

        var chosen = Enumerable.Range(0, 30).Select(i => ReplicaChoicePolicy.Choose(candidates, NoWeights, -1, i / 30.0).Index).CountBy(i => i).ToDictionary();

        Assert.That(chosen, Is.EquivalentTo(new Dictionary<int, int> { [0] = 10, [1] = 10, [3] = 10 }));
    }

    [Test]
    public void A_replica_at_its_limit_gets_nothing()
    {
        Candidate[] candidates = [new(-1, 2, 2, true), new(-1, 7, 8, true)];

        Assert.That(ReplicaChoicePolicy.Choose(candidates, NoWeights, -1, 0.5).Index, Is.EqualTo(1));
    }

    [Test]
    public void All_at_their_limit_is_told_from_none_there()
    {
        Assert.That(ReplicaChoicePolicy.Choose([new(-1, 2, 2, true), new(-1, 0, 2, false)], NoWeights, -1, 0).Kind, Is.EqualTo(ChoiceKind.AllBusy));
        Assert.That(ReplicaChoicePolicy.Choose([new(-1, 0, 2, false)], NoWeights, -1, 0).Kind, Is.EqualTo(ChoiceKind.NoneUsable));
        Assert.That(ReplicaChoicePolicy.Choose([], NoWeights, -1, 0).Kind, Is.EqualTo(ChoiceKind.NoneUsable));
    }

    [Test]
    public void Revisions_get_their_shares_however_many_replicas_they_have()
    {
        Candidate[] candidates = [new(0, 0, 8, true), new(0, 0, 8, true), new(0, 0, 8, true), new(1, 0, 8, true)];

        var chosen = Enumerable.Range(0, 1000).Select(i => ReplicaChoicePolicy.Choose(candidates, [90, 10], -1, i / 1000.0).Index).ToList();

        Assert.That(chosen.Count(i => i == 3), Is.EqualTo(100));
        Assert.That(chosen.Count(i => i == 0), Is.InRange(299, 301));
    }

    [Test]
    public void A_revision_without_a_share_gets_nothing()
    {
        Candidate[] candidates = [new(0, 5, 8, true), new(1, 0, 8, true), new(-1, 0, 8, true)];

        for (var i = 0; i < 100; i++)
            Assert.That(ReplicaChoicePolicy.Choose(candidates, [100, 0], -1, i / 100.0).Index, Is.Zero);
        Assert.That(ReplicaChoicePolicy.Choose(candidates.AsSpan(1), [100, 0], -1, 0.5).Kind, Is.EqualTo(ChoiceKind.NoneUsable));
    }

    [Test]
    public void A_revision_that_is_gone_leaves_its_share_to_the_others() =>
        Assert.That(ReplicaChoicePolicy.Choose([new(0, 0, 8, false), new(1, 3, 8, true)], [99, 1], 0, 0.1), Is.EqualTo(new ReplicaChoice(ChoiceKind.Chosen, 1, 1)));

    [Test]
    public void A_busy_revision_hands_requests_only_to_one_with_a_larger_share()
    {
        Assert.That(ReplicaChoicePolicy.Choose([new(0, 8, 8, true), new(1, 3, 8, true)], [90, 10], -1, 0.1), Is.EqualTo(new ReplicaChoice(ChoiceKind.AllBusy, -1, 0)));
        Assert.That(ReplicaChoicePolicy.Choose([new(0, 3, 8, true), new(1, 8, 8, true)], [90, 10], -1, 0.95), Is.EqualTo(new ReplicaChoice(ChoiceKind.Chosen, 0, 1)));
    }

    [Test]
    public void What_was_drawn_once_is_not_drawn_again_while_it_waits([Range(0, 9)] int tenth) =>
        Assert.That(ReplicaChoicePolicy.Choose([new(0, 3, 8, true), new(1, 3, 8, true)], [90, 10], 1, tenth / 10.0).Index, Is.EqualTo(1));

    [Test]
    public void The_last_number_before_one_chooses_somebody()
    {
        var almostOne = Math.BitDecrement(1.0);

        Assert.That(ReplicaChoicePolicy.Choose([new(0, 0, 8, true), new(1, 0, 8, true), new(1, 0, 8, true)], [3, 7], -1, almostOne).Index, Is.EqualTo(2));
        Assert.That(ReplicaChoicePolicy.Choose([new(-1, 0, 8, true), new(-1, 0, 8, true)], NoWeights, -1, almostOne).Index, Is.EqualTo(1));
    }

    /// <summary>Whatever the state, the choice is one that may be made, and none is made only where none can be.</summary>
    [Test]
    public void Any_state_has_a_right_choice([Range(1, 200)] int seed)
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(3) * 50).ToArray();
        var candidates = Enumerable.Range(0, random.Next(8))
            .Select(_ => new Candidate(random.Next(-1, weights.Length), random.Next(4), random.Next(1, 4), random.Next(3) > 0)).ToArray();

        var choice = ReplicaChoicePolicy.Choose(candidates, weights, -1, random.NextDouble());

        var weighted = weights.Sum() > 0;
        var usable = candidates.Where(c => c.Usable && (!weighted || (c.Revision >= 0 && weights[c.Revision] > 0))).ToList();
        var free = usable.Where(c => c.Outstanding < c.Limit).ToList();
        Assert.That(choice.Kind == ChoiceKind.NoneUsable, Is.EqualTo(usable.Count == 0));
        if (choice.Kind == ChoiceKind.Chosen) Assert.That(free, Has.Member(candidates[choice.Index]));
        if (free.Count == 0) Assert.That(choice.Kind, Is.Not.EqualTo(ChoiceKind.Chosen));
        if (choice.Kind == ChoiceKind.AllBusy && weighted) Assert.That(free.Select(c => c.Revision), Has.None.EqualTo(choice.Revision));
    }
}
