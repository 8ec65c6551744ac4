using AiDc.Operator.Membership;

namespace AiDc.Operator.Tests.Membership;

public sealed class StartPolicyTests
{
    private static readonly RecordedMembership Three = new(7, 1, [new(0, "a"), new(1, "b"), new(2, "c")]);

    [Test]
    public void It_waits_for_all_to_be_ready_for_that_generation()
    {
        Assert.That(Decide(("a", Ready(40, 6)), ("b", Ready(40, 6))), Is.Null);
        Assert.That(Decide(("a", Ready(40, 6)), ("b", Ready(40, 6)), ("c", Ready(40, 6) with { Generation = 6 })), Is.Null);
        Assert.That(Decide(("a", Ready(40, 6)), ("b", Ready(40, 6)), ("c", Ready(40, 6) with { Rendezvous = [] })), Is.Null);
    }

    [Test]
    public void Nothing_is_sent_where_all_have_the_same_state() =>
        Assert.That(Decide(("a", Ready(40, 6)), ("b", Ready(40, 6)), ("c", Ready(40, 6)))!.Synchronise, Is.False);

    [Test]
    public void The_highest_step_owns_the_state() => Owns(rank: 1, ("a", Ready(40, 6)), ("b", Ready(41, 6)), ("c", Ready(41, 6)));

    [Test]
    public void A_later_history_goes_before_a_higher_step() => Owns(rank: 2, ("a", Ready(90, 4)), ("b", Ready(90, 4)), ("c", Ready(41, 6)));

    [Test]
    public void The_same_step_of_another_history_is_another_state() => Owns(rank: 1, ("a", Ready(41, 4)), ("b", Ready(41, 6)), ("c", Ready(41, 6)));

    [Test]
    public void Who_has_a_state_goes_before_who_has_none() => Owns(rank: 2, ("a", None), ("b", None), ("c", Ready(0, 1)));

    [Test]
    public void Where_nobody_has_a_state_the_first_reads_the_checkpoint_for_all() => Owns(rank: 0, ("a", None), ("b", None), ("c", None));

    [Test]
    public void With_several_processes_the_owner_is_the_first_of_its_pod()
    {
        ReadyMember Two(ReadyMember r, string name) => r with { Rendezvous = [System.Text.Encoding.UTF8.GetBytes($"{name}0"), System.Text.Encoding.UTF8.GetBytes($"{name}1")] };
        var start = Decide(("a", Two(Ready(40, 6), "a")), ("b", Two(Ready(41, 6), "b")), ("c", Two(Ready(40, 6), "c")))!;

        Assert.That(start.OwnerRank, Is.EqualTo(2));
        Assert.That(start.Rendezvous.Select(r => System.Text.Encoding.UTF8.GetString(r.Span)), Is.EqualTo(new[] { "a0", "a1", "b0", "b1", "c0", "c1" }));
    }

    private static void Owns(int rank, params (string, ReadyMember)[] ready)
    {
        var start = Decide(ready)!;
        Assert.That((start.OwnerRank, start.Synchronise, start.Generation), Is.EqualTo((rank, true, 7)));
    }

    private static StartOrder? Decide(params (string Uid, ReadyMember Ready)[] ready) => StartPolicy.Decide(Three, ready.ToDictionary(r => r.Uid, r => r.Ready));

    private static ReadyMember Ready(long step, long history) => new(7, true, step, history, [new byte[] { 1 }]);

    private static ReadyMember None => new(7, false, 0, 0, [new byte[] { 1 }]);
}
