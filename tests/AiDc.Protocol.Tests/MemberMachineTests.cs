using AiDc.Coordination.Members;

namespace AiDc.Protocol.Tests;

/// <summary>What the exploration does not do: being asked to end, and orders that meet a training thread at work.</summary>
public sealed class MemberMachineTests
{
    private static readonly MemberState Trains = new()
    {
        Phase = MemberPhase.Training, Transitions = 3, Generation = 5, Position = 0, HasState = true, CommittedStep = 40, StateGeneration = 5,
    };

    [Test]
    public void An_order_releases_the_training_thread_and_is_answered_once_that_is_at_rest()
    {
        var (busy, none) = Apply(Trains, new MemberInput.Begun(5));
        var (ordered, first) = Apply(busy, new MemberInput.Membership(3, 6, 1));
        var (rested, then) = Apply(ordered, new MemberInput.Failed(5, default, "aborted"));

        Assert.That(none, Is.Empty);
        Assert.That(first, Is.EqualTo(new MemberAction[] { new MemberAction.AbortGroup(5) }));
        Assert.That(then, Is.EqualTo(new MemberAction[] { new MemberAction.SendReady(6, 1) }));
        Assert.That((rested.CommittedStep, rested.Phase), Is.EqualTo((40, MemberPhase.Ready)));
    }

    [Test]
    public void A_step_whose_sums_are_whole_counts_although_an_order_came_meanwhile()
    {
        var (busy, _) = Apply(Trains, new MemberInput.Begun(5));
        var (ordered, _) = Apply(busy, new MemberInput.Membership(3, 6, 1));

        var (rested, actions) = Apply(ordered, new MemberInput.Committed(5));

        Assert.That((rested.CommittedStep, rested.StateGeneration), Is.EqualTo((41, 5)));
        Assert.That(actions, Is.EqualTo(new MemberAction[] { new MemberAction.SendReady(6, 1) }));
    }

    [TestCase(2, 6)]
    [TestCase(3, 5)]
    [TestCase(3, 4)]
    public void A_deposed_leader_and_an_old_generation_are_not_listened_to(long transitions, long generation)
    {
        Assert.That(Apply(Trains, new MemberInput.Membership(transitions, generation, 0)).State, Is.EqualTo(Trains));
        Assert.That(Apply(Trains, new MemberInput.Hold(transitions, generation, true)).State, Is.EqualTo(Trains));
        Assert.That(Apply(Trains, new MemberInput.Start(transitions, generation, true, true)).State, Is.EqualTo(Trains));
    }

    [Test]
    public void Asked_to_end_it_takes_part_until_a_membership_comes_without_it()
    {
        var (leaving, actions) = Apply(Trains, new MemberInput.AskedToEnd());
        Assert.That(actions, Is.EqualTo(new MemberAction[] { new MemberAction.SendLeaving(), new MemberAction.WriteCheckpoint() }));
        Assert.That(leaving.InGroup, Is.True);

        var (member, ready) = Apply(leaving, new MemberInput.Membership(3, 6, 0));
        Assert.That(ready, Is.EqualTo(new MemberAction[] { new MemberAction.AbortGroup(5), new MemberAction.SendReady(6, 0) }));

        var (exited, end) = Apply(member, new MemberInput.Membership(3, 7, null));
        Assert.That(end, Is.EqualTo(new MemberAction[] { new MemberAction.AbortGroup(6), new MemberAction.Exit() }));
        Assert.That(exited.Phase, Is.EqualTo(MemberPhase.Exited));
    }

    [Test]
    public void Only_the_first_of_the_members_writes_the_checkpoint() =>
        Assert.That(Apply(Trains with { Position = 2 }, new MemberInput.AskedToEnd()).Actions, Is.EqualTo(new MemberAction[] { new MemberAction.SendLeaving() }));

    [TestCase(true)]
    [TestCase(false)]
    public void Asked_to_end_while_it_holds_it_goes_and_the_one_that_was_named_writes_the_checkpoint(bool writes)
    {
        var (holding, _) = Apply(Trains, new MemberInput.Hold(3, 6, writes));

        var actions = Apply(holding, new MemberInput.AskedToEnd()).Actions;

        Assert.That(actions.OfType<MemberAction.WriteCheckpoint>().Any(), Is.EqualTo(writes));
        Assert.That(actions[^1], Is.EqualTo(new MemberAction.Exit()));
    }

    [Test]
    public void Asked_to_end_in_the_middle_of_a_step_and_then_left_out_it_goes_when_the_step_is_undone()
    {
        var (busy, _) = Apply(Trains with { Position = 1 }, new MemberInput.Begun(5));
        var (leaving, _) = Apply(busy, new MemberInput.AskedToEnd());
        var (ordered, first) = Apply(leaving, new MemberInput.Membership(3, 6, null));
        Assert.That(first, Is.EqualTo(new MemberAction[] { new MemberAction.AbortGroup(5) }));

        Assert.That(Apply(ordered, new MemberInput.Failed(5, default, "aborted")).Actions[^1], Is.EqualTo(new MemberAction.Exit()));
    }

    [Test]
    public void When_its_time_is_up_it_goes_wherever_it_is()
    {
        var (busy, _) = Apply(Trains, new MemberInput.Begun(5));

        Assert.That(Apply(busy, new MemberInput.GraceEnds()).Actions, Is.EqualTo(new MemberAction[] { new MemberAction.AbortGroup(5), new MemberAction.Exit() }));
    }

    [Test]
    public void A_state_that_was_being_overwritten_is_none()
    {
        var joining = Trains with { Phase = MemberPhase.Joining, Busy = 5 };

        var torn = Apply(joining, new MemberInput.JoinFailed(5, true, default, "closed")).State;
        var whole = Apply(joining, new MemberInput.JoinFailed(5, false, default, "closed")).State;

        Assert.That((torn.HasState, whole.HasState, whole.CommittedStep), Is.EqualTo((false, true, 40)));
    }

    [Test]
    public void A_new_stream_hears_again_what_the_one_before_may_have_lost()
    {
        var (broken, _) = Apply(Apply(Trains, new MemberInput.Begun(5)).State, new MemberInput.Failed(5, new(1), "closed"));
        var (ready, _) = Apply(Trains, new MemberInput.Membership(3, 6, 1));

        Assert.That(Apply(broken, new MemberInput.Welcomed(3)).Actions, Is.EqualTo(new MemberAction[] { new MemberAction.SendGroupBroken(5, new(1), "closed") }));
        Assert.That(Apply(ready, new MemberInput.Welcomed(4)).Actions, Is.EqualTo(new MemberAction[] { new MemberAction.SendReady(6, 1) }));
    }

    private static (MemberState State, IReadOnlyList<MemberAction> Actions) Apply(MemberState state, MemberInput input) => MemberMachine.Apply(state, input);
}
