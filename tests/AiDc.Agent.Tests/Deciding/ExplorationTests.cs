using System.Collections.Immutable;
using AiDc.Agent.Deciding;
using AiDc.Coordination.Members;

namespace AiDc.Agent.Tests.Deciding;

/// <summary>
/// One agent and everything that can happen to it, in all orders up to a budget: memberships with and without it, starts, holds, leaders,
/// programs that end in every way, and the wish to end. The world has the programs that the agent's actions started.
/// </summary>
public sealed class ExplorationTests
{
    private const int Processes = 2;
    private const long Generations = 3;

    [Test]
    public void Whatever_happens_programs_of_two_generations_never_live_at_once_and_the_agent_never_hangs()
    {
        var seen = new HashSet<World> { World.Begin };
        var open = new Queue<World>(seen);
        var quiet = 0;
        while (open.TryDequeue(out var world))
        {
            Assert.That(world.Wrong, Is.Null, world.ToString());
            Assert.That(Stuck(world), Is.Null, world.ToString());
            quiet++;
            foreach (var next in world.Moves())
                if (seen.Add(next))
                    open.Enqueue(next);
        }

        TestContext.Out.WriteLine($"{quiet} worlds");
        Assert.That(quiet, Is.GreaterThan(1000));
    }

    [Test]
    public void The_exploration_finds_an_agent_that_answers_before_its_programs_have_ended() =>
        Assert.That(World.Begin.After(new AgentInput.Membership(0, 1, 0, World.Both)).After(new AgentInput.Start(0, 1))
            .Perform([new AgentAction.SendReady(2)]).Wrong, Is.Not.Null);

    /// <summary>A quiet time: programs that were asked to end do, a grace ends, then a leader forms a generation with this agent.</summary>
    private static string? Stuck(World world)
    {
        for (var i = 0; i < 12; i++)
        {
            if (world.State.Phase == AgentPhase.Exited)
                return null;
            world = world.State.Stopping && !world.Killed ? world.After(new AgentInput.GraceEnds(world.State.ProgramsOf))
                : world.State.Leaving && !world.Killed && world.Alive.Length > 0 ? world.After(new AgentInput.LeaveEnds())
                : world.Killed && world.Alive.Length > 0 ? world.Ends(world.Alive[0], 137, 9)
                : world.State.Phase == AgentPhase.Ready ? world.After(new AgentInput.Start(world.State.Transitions, world.State.Generation))
                : world.State.Phase == AgentPhase.Running ? (world.Alive.Length > 0 ? world.Ends(world.Alive[0], 0, 0) : world)
                : world.After(new AgentInput.Membership(world.State.Transitions, world.State.Generation + 1, 0, World.Alone));
            if (world.Wrong is not null)
                return world.Wrong;
        }

        return world.State.Phase == AgentPhase.Exited ? null : "it does not come to an end";
    }

    /// <param name="AliveRanks">Local ranks of the programs that live, all of one generation.</param>
    /// <param name="Of">Their generation.</param>
    /// <param name="Killed">They were sent SIGKILL.</param>
    private sealed record World(AgentState State, ValueList<int> AliveRanks, long Of, bool Killed, string? Wrong)
    {
        public static readonly ValueList<string> Both = new("a", "b");
        public static readonly ValueList<string> Alone = new("a");

        public static World Begin { get; } = new(new AgentState { Processes = Processes }, default, 0, false, null);

        public ImmutableArray<int> Alive => [.. AliveRanks];

        public World After(AgentInput input)
        {
            var (state, actions) = AgentMachine.Apply(State, input);
            return (this with { State = state }).Perform(actions);
        }

        public World Ends(int rank, int code, int signal) =>
            (this with { AliveRanks = new([.. Alive.Where(r => r != rank)]) }).After(new AgentInput.Ended(Of, new(rank, code, signal)));

        public World Perform(IReadOnlyList<AgentAction> actions)
        {
            var world = this;
            foreach (var action in actions)
            {
                world = action switch
                {
                    AgentAction.StartPrograms s when world.Alive.Length > 0 => world with { Wrong = $"generation {s.Generation} starts while {world.Of} lives" },
                    AgentAction.StartPrograms s => world with { AliveRanks = new([.. Enumerable.Range(0, Processes)]), Of = s.Generation, Killed = false },
                    AgentAction.SendReady r when world.Alive.Length > 0 => world with { Wrong = $"ready for {r.Generation} while {world.Of} lives" },
                    AgentAction.KillPrograms k when k.Generation == world.Of => world with { Killed = true },
                    AgentAction.Exit when world.Alive.Length > 0 => world with { Wrong = "it ends and leaves programs" },
                    _ => world,
                };
            }

            return world.State.Alive != world.Alive.Length ? world with { Wrong = "it has lost count of its programs" } : world;
        }

        public IEnumerable<World> Moves()
        {
            foreach (var transitions in (long[])[0, 1])
            {
                yield return After(new AgentInput.Welcomed(transitions));
                for (var g = 1L; g <= Generations; g++)
                {
                    yield return After(new AgentInput.Membership(transitions, g, 0, Both));
                    yield return After(new AgentInput.Membership(transitions, g, 0, Alone));
                    yield return After(new AgentInput.Membership(transitions, g, null, new("b")));
                    yield return After(new AgentInput.Hold(transitions, g));
                    yield return After(new AgentInput.Start(transitions, g));
                }
            }

            for (var g = 1L; g <= Generations; g++)
            {
                yield return After(new AgentInput.GraceEnds(g));
                yield return After(new AgentInput.FirstToFail(g));
            }

            yield return After(new AgentInput.AskedToEnd());
            yield return After(new AgentInput.LeaveEnds());
            foreach (var rank in Alive)
                foreach (var (code, signal) in ((int, int)[])[(0, 0), (1, 0), (3, 0), (137, 9)])
                    yield return Ends(rank, code, signal);
        }
    }
}
