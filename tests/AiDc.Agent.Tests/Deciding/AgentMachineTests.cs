using AiDc.Agent.Deciding;
using AiDc.Coordination.Members;
using static AiDc.Agent.Deciding.AgentInput;

namespace AiDc.Agent.Tests.Deciding;

public sealed class AgentMachineTests
{
    private static readonly ValueList<string> Two = new("a", "b");

    [Test]
    public void Programs_of_a_generation_end_before_those_of_the_next_start()
    {
        var life = Life.Running(2).Apply(new Membership(1, 2, 0, Two));

        Assert.That(life.Did, Is.EqualTo(new AgentAction[] { new AgentAction.StopPrograms(1) }));
        Assert.That(life.Apply(Ended(1, 0, 143, 15)).Did, Is.Empty);
        Assert.That(life.Apply(Ended(1, 1, 143, 15)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendReady(2) }));
        Assert.That(life.Apply(new Start(1, 2)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.StartPrograms(2) }));
    }

    [Test]
    public void Programs_that_do_not_end_in_time_are_killed()
    {
        var life = Life.Running(1).Apply(new Membership(1, 2, 0, Two));

        Assert.That(life.Apply(new GraceEnds(1)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.KillPrograms(1) }));
    }

    [Test]
    public void The_grace_of_programs_that_are_gone_ends_nothing()
    {
        var life = Life.Running(1).Apply(new Membership(1, 2, 0, Two)).Apply(Ended(1, 0, 0, 0)).Apply(new Start(1, 2));

        Assert.That(life.Apply(new GraceEnds(1)).Did, Is.Empty);
    }

    [TestCase(3, 0)]
    [TestCase(137, 9)]
    [TestCase(139, 11)]
    public void A_failure_that_no_peer_causes_ends_the_agent_with_its_code(int code, int signal)
    {
        var life = Life.Running(2).Apply(Ended(1, 1, code, signal));

        Assert.That(life.Did, Does.Contain(new AgentAction.KillPrograms(1)));
        Assert.That(life.Apply(Ended(1, 0, 137, 9)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.Exit(code) }));
    }

    [TestCase(1, 0)]
    [TestCase(134, 6)]
    public void A_failure_that_a_lost_peer_may_have_caused_waits_for_the_next_membership_and_goes_on_without_that_peer(int code, int signal)
    {
        var life = Life.Running(1).Apply(Ended(1, 0, code, signal));

        Assert.That(life.Did.OfType<AgentAction.Exit>(), Is.Empty);
        Assert.That(life.Did.OfType<AgentAction.SendGroupBroken>().Count(), Is.EqualTo(1));
        life.Apply(new FirstToFail(1)).Apply(new Membership(1, 2, 0, new("a")));
        Assert.That(life.Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendReady(2) }));
    }

    [Test]
    public void Where_nobody_was_lost_the_worker_that_failed_first_ends()
    {
        var life = Life.Running(1).Apply(Ended(1, 0, 1, 0)).Apply(new FirstToFail(1)).Apply(new Membership(1, 2, 0, Two));

        Assert.That(life.Did[^1], Is.EqualTo(new AgentAction.Exit(1)));
    }

    [Test]
    public void Where_nobody_was_lost_a_worker_that_failed_after_another_starts_again()
    {
        var life = Life.Running(1).Apply(Ended(1, 0, 1, 0)).Apply(new Membership(1, 2, 0, Two));

        Assert.That(life.Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendReady(2) }));
    }

    [Test]
    public void A_worker_alone_has_nobody_to_blame()
    {
        var life = Life.Running(1, new("a")).Apply(Ended(1, 0, 1, 0));

        Assert.That(life.Did[^1], Is.EqualTo(new AgentAction.Exit(1)));
    }

    [Test]
    public void When_all_programs_have_ended_well_that_is_told_and_the_agent_ends_well()
    {
        var life = Life.Running(2).Apply(Ended(1, 0, 0, 0));

        Assert.That(life.Did, Is.Empty);
        Assert.That(life.Apply(Ended(1, 1, 0, 0)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendFinished(), new AgentAction.Exit(0) }));
    }

    [Test]
    public void A_pod_that_is_asked_to_end_passes_it_on_and_does_not_count_as_done()
    {
        var life = Life.Running(1).Apply(new AskedToEnd());

        Assert.That(life.Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendLeaving(), new AgentAction.ForwardEnd(1) }));
        Assert.That(life.Apply(Ended(1, 0, 0, 0)).Did[^1], Is.EqualTo(new AgentAction.Exit(143)));
    }

    [Test]
    public void A_leader_that_was_deposed_is_not_listened_to()
    {
        var life = Life.Running(1).Apply(new Welcomed(5));

        Assert.That(life.Apply(new Membership(4, 9, 0, Two)).Did, Is.Empty);
        Assert.That(life.State.Generation, Is.EqualTo(1));
    }

    [Test]
    public void A_hold_ends_the_programs_and_the_agent_waits()
    {
        var life = Life.Running(1).Apply(new Hold(1, 2)).Apply(Ended(1, 0, 0, 0));

        Assert.That(life.State, Has.Property("Phase").EqualTo(AgentPhase.Idle).And.Property("Alive").Zero);
        Assert.That(life.Apply(new Membership(1, 3, 0, Two)).Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendReady(3) }));
    }

    [Test]
    public void What_the_stream_may_have_lost_is_said_again()
    {
        var ready = new Life(1).Apply(new Membership(1, 1, 0, Two)).Apply(new Welcomed(1));
        var broken = Life.Running(1).Apply(Ended(1, 0, 1, 0)).Apply(new Welcomed(1));

        Assert.That(ready.Did, Is.EqualTo(new AgentAction[] { new AgentAction.SendReady(1) }));
        Assert.That(broken.Did.Single(), Is.InstanceOf<AgentAction.SendGroupBroken>());
    }

    private static Ended Ended(long generation, int rank, int code, int signal) => new(generation, new(rank, code, signal));

    private sealed class Life(int processes)
    {
        public AgentState State { get; private set; } = new() { Processes = processes };

        public IReadOnlyList<AgentAction> Did { get; private set; } = [];

        public static Life Running(int processes) => Running(processes, Two);

        public static Life Running(int processes, ValueList<string> members) =>
            new Life(processes).Apply(new Membership(1, 1, 0, members)).Apply(new Start(1, 1));

        public Life Apply(AgentInput input)
        {
            (State, Did) = AgentMachine.Apply(State, input);
            return this;
        }
    }
}
