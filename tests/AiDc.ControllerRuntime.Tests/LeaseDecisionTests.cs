using AiDc.ControllerRuntime.Leadership;

namespace AiDc.ControllerRuntime.Tests;

public sealed class LeaseDecisionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    [Test]
    public void Where_there_is_no_lease_it_is_created() => Assert.That(Decide(LeaseMemory.None.Saw(null, At(0)), 0), Is.EqualTo(LeaseAction.Create));

    [Test]
    public void A_released_lease_is_taken_at_once() => Assert.That(Decide(LeaseMemory.None.Saw(Lease(null, "1"), At(0)), 0), Is.EqualTo(LeaseAction.Acquire));

    [Test]
    public void The_lease_of_another_is_taken_only_after_it_was_silent_for_its_duration_by_our_own_clock()
    {
        var memory = LeaseMemory.None.Saw(Lease("other", "1"), At(100));
        Assert.That(Decide(memory, 107.9), Is.EqualTo(LeaseAction.Wait));
        Assert.That(Decide(memory, 108), Is.EqualTo(LeaseAction.Acquire));
        memory = memory.Saw(Lease("other", "1"), At(107));
        Assert.That(Decide(memory, 108), Is.EqualTo(LeaseAction.Acquire), "seeing the same version again is no sign of life");
        memory = memory.Saw(Lease("other", "2"), At(107));
        Assert.That(Decide(memory, 108), Is.EqualTo(LeaseAction.Wait), "a renewal is");
    }

    [Test]
    public void A_leader_renews_until_it_could_not_for_the_deadline()
    {
        var memory = LeaseMemory.None.Renewed(Lease("me", "1"), At(10));
        Assert.That(Decide(memory, 14.9), Is.EqualTo(LeaseAction.Renew));
        Assert.That(Decide(memory, 15), Is.EqualTo(LeaseAction.Lost));
        Assert.That(Decide(memory.Renewed(Lease("me", "2"), At(14)), 15), Is.EqualTo(LeaseAction.Renew));
    }

    [Test]
    public void A_leader_that_sees_another_in_its_place_has_lost()
    {
        var memory = LeaseMemory.None.Renewed(Lease("me", "1"), At(10)).Saw(Lease("other", "2"), At(11));
        Assert.That(Decide(memory, 11), Is.EqualTo(LeaseAction.Lost));
        Assert.That(Decide(LeaseMemory.None.Renewed(Lease("me", "1"), At(10)).Saw(Lease(null, "2"), At(11)), 11), Is.EqualTo(LeaseAction.Lost));
    }

    [Test]
    public void A_leader_whose_lease_was_deleted_makes_it_anew_with_a_higher_number()
    {
        var memory = LeaseMemory.None.Renewed(Lease("me", "1", transitions: 6), At(10)).Saw(null, At(11));
        Assert.That(Decide(memory, 11), Is.EqualTo(LeaseAction.Create));
        Assert.That(LeaseDecision.TransitionsAfter(LeaseAction.Create, memory), Is.EqualTo(7));
    }

    [Test]
    public void Others_leave_it_to_the_holder_to_make_a_deleted_lease_anew_for_as_long_as_they_would_wait_for_a_silent_one()
    {
        var memory = LeaseMemory.None.Saw(Lease("other", "1", transitions: 6), At(100)).Saw(null, At(104));
        Assert.That(Decide(memory, 104), Is.EqualTo(LeaseAction.Wait));
        memory = memory.Saw(null, At(108));
        Assert.That(Decide(memory, 111.9), Is.EqualTo(LeaseAction.Wait));
        Assert.That(Decide(memory, 112), Is.EqualTo(LeaseAction.Create), "eight seconds after it was found gone");
        Assert.That(LeaseDecision.TransitionsAfter(LeaseAction.Create, memory), Is.EqualTo(7));

        Assert.That(Decide(LeaseMemory.None.Saw(Lease(null, "1"), At(100)).Saw(null, At(104)), 104), Is.EqualTo(LeaseAction.Create), "it was nobody's");
        Assert.That(Decide(memory.Saw(Lease("other", "2"), At(109)), 112), Is.EqualTo(LeaseAction.Wait), "its holder has made it anew");
    }

    [Test]
    public void Taking_a_lease_counts_and_renewing_it_does_not()
    {
        var memory = LeaseMemory.None.Saw(Lease("other", "1", transitions: 3), At(0));
        Assert.That(LeaseDecision.TransitionsAfter(LeaseAction.Acquire, memory), Is.EqualTo(4));
        Assert.That(LeaseDecision.TransitionsAfter(LeaseAction.Renew, memory), Is.EqualTo(3));
        Assert.That(LeaseDecision.TransitionsAfter(LeaseAction.Create, LeaseMemory.None), Is.Zero);
    }

    [Test]
    public void A_write_of_ours_that_landed_late_is_ours() =>
        Assert.That(Decide(LeaseMemory.None.Saw(Lease("me", "1"), At(0)), 0), Is.EqualTo(LeaseAction.Renew));

    [Test]
    public void No_request_of_a_leader_outlasts_its_deadline()
    {
        Assert.That(LeaseDecision.RequestTimeout(LeaseMemory.None, Deadline, At(0)), Is.EqualTo(At(2.5)));
        var leading = LeaseMemory.None.Renewed(Lease("me", "1"), At(10));
        Assert.That(LeaseDecision.RequestTimeout(leading, Deadline, At(11)), Is.EqualTo(At(2.5)));
        Assert.That(LeaseDecision.RequestTimeout(leading, Deadline, At(14)), Is.EqualTo(At(1)));
    }

    private static LeaseAction Decide(LeaseMemory memory, double now) => LeaseDecision.Decide(memory, "me", Deadline, At(now));

    private static LeaseView Lease(string? holder, string version, int transitions = 0) => new(holder, TimeSpan.FromSeconds(8), transitions, version);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
