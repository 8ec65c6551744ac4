using AiDc.Operator.Membership;
using AiDc.Protocol.Tests.Model;

namespace AiDc.Protocol.Tests;

/// <summary>
/// The protocol in the orders in which three workers, two leaders and a bad network can act, with the code that runs: the decision, the start
/// and the worker's machine. A world is wrong where groups of two generations both complete steps, where a generation starts from less than one
/// of its members has committed, with different weights or in two ways, or where a gang is given up while its state lives.
/// </summary>
public sealed class ExplorationTests
{
    private static readonly Budget Faults = new(Breaks: 1, Crashes: 1, Suspicions: 1, Elections: 1, Steps: 6, Decisions: 3, Replacements: 1);

    [TestCase(3)]
    [TestCase(2)]
    [TestCase(1)]
    public void Around_every_point_of_an_orderly_life_whatever_happens_nothing_is_wrong_and_it_goes_on(int needed)
    {
        var explorer = new Explorer();
        var rules = new Rules(3, new GangSize(3, needed));

        var wrong = Explore(explorer, rules, each: 1500);

        TestContext.Out.WriteLine($"{explorer.Visited} worlds, {explorer.Samples.Count} of them followed through a quiet time");
        Assert.That(wrong?.Violation, Is.Null, $"{explorer.Story()}\n{wrong}");
        Assert.That(explorer.Samples, Is.Not.Empty);
        foreach (var (world, id) in explorer.Samples)
            if (FairSchedule.StuckAt(world) is { } stuck)
                Assert.Fail($"{stuck.Violation ?? "it does not go on"}:\n{explorer.Story(id)}\n{world}\nafter a quiet time:\n{stuck}");
    }

    [TestCase(3, 1)]
    [TestCase(2, 2)]
    [TestCase(1, 3)]
    public void In_long_lives_at_random_nothing_is_wrong_and_each_goes_on(int needed, int seed)
    {
        var steps = 0;
        foreach (var (wrong, story, world) in Walks(new(3, new GangSize(3, needed)), seed, count: 1000))
        {
            steps += story.Count;
            Assert.That(wrong, Is.Null, $"{string.Join('\n', story)}\n{world}");
        }
        TestContext.Out.WriteLine($"{steps} steps");
    }

    /// <summary>Lives at random, and what is wrong with each: null if nothing.</summary>
    internal static IEnumerable<(string? Wrong, List<string> Story, World World)> Walks(Rules rules, int seed, int count)
    {
        var random = new Random(seed);
        var budget = new Budget(Breaks: 4, Crashes: 2, Suspicions: 5, Elections: 1, Steps: 40, Decisions: 14, Replacements: 2);
        for (var walk = 0; walk < count; walk++)
        {
            var (story, world) = Walk.Take(World.Start(rules, budget), random, steps: 250, faults: 0.06);
            var stuck = world.Violation is null && !world.Restarted ? FairSchedule.StuckAt(world) : null;
            yield return (world.Violation ?? stuck?.Violation ?? (stuck is null ? null : "stuck"), story, world);
        }
    }

    internal static World? Explore(Explorer explorer, Rules rules, int each)
    {
        var calm = World.Start(rules, new Budget(0, 0, 0, 0, 100, 100, 0));
        foreach (var moment in FairSchedule.Life(calm, rounds: 6).Prepend(calm))
            if (explorer.Explore(moment with { Left = Faults }, each, sampleEvery: 20) is { } wrong)
                return wrong;
        foreach (var moment in Troubles(calm))
            if (explorer.Explore(moment with { Left = Faults }, each, sampleEvery: 20) is { } wrong)
                return wrong;
        return null;
    }

    /// <summary>Lives in which one thing went wrong already: a worker dead, one cut off, another leader.</summary>
    private static IEnumerable<World> Troubles(World calm)
    {
        var training = FairSchedule.Life(calm, rounds: 6).Last();
        World[] troubles =
        [
            WorkerMoves.Die(training, training.Workers[0]),
            WorkerMoves.Die(WorkerMoves.Die(training, training.Workers[0]), training.Workers[2]),
            WorkerMoves.Break(training, training.Workers[1]),
            LeaderMoves.Elect(training with { Left = training.Left with { Elections = 1 } }, 1, otherDies: false),
            LeaderMoves.Elect(WorkerMoves.Die(training, training.Workers[0]) with { Left = training.Left with { Elections = 1 } }, 1, otherDies: true),
        ];
        return troubles.SelectMany(t => FairSchedule.Life(t, rounds: 3).Prepend(t));
    }
}
