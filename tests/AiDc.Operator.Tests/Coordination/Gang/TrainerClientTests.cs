using System.Collections.Concurrent;
using AiDc.Operator.Membership;
using AiDc.Coordination;

namespace AiDc.Operator.Tests.Coordination.Gang;

/// <summary>The trainer's own client as a member of a gang: the real decision, the real board, the real wire, the real worker's side of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TrainerClientTests
{
    private readonly InMemoryApi api = new();
    private readonly GangKeeper.Record record = new();

    [Test]
    public async Task It_stands_where_it_says_and_hears_membership_and_start()
    {
        await using var leader = await Replica.StartAsync(api, leads: true, transitions: 3);
        using var keeper = new GangKeeper(leader.Gangs, record, GangSize.Rigid(2));
        await using var first = new Member(leader, api, 0);
        await using var second = new Member(leader, api, 1);
        first.Link.Stand(new() { Prepared = true });
        second.Link.Stand(new() { Prepared = true });

        await Until.True(() => first.Orders.OfType<GangOrder.Membership>().Any() && second.Orders.OfType<GangOrder.Membership>().Any(), "both are told");
        var membership = first.Orders.OfType<GangOrder.Membership>().Single();
        Assert.That((membership.Transitions, membership.Generation), Is.EqualTo((3, 1)));
        Assert.That(membership.Members, Is.EqualTo(new[] { new GangMemberId(0, "uid-digits-0-1"), new GangMemberId(1, "uid-digits-1-1") }));
        first.Link.SendReady(1, false, 0, 0, [[1, 2], [3]]);
        second.Link.SendReady(1, true, 9, 1, [[4], [5]]);

        await Until.True(() => first.Orders.OfType<GangOrder.Start>().Any() && second.Orders.OfType<GangOrder.Start>().Any(), "both are started");
        var start = first.Orders.OfType<GangOrder.Start>().Single();
        Assert.That(start.Addresses, Is.EqualTo(new byte[][] { [1, 2], [3], [4], [5] }));
        Assert.That((start.Generation, start.OwnerRank, start.Synchronise), Is.EqualTo((1, 2, true)));

        first.Link.Stand(new() { Prepared = true, Generation = 1, InGroup = true, HasState = true, CommittedStep = 9, StateGeneration = 1 });
        first.Link.SendLeaving("test");
        await Until.True(
            () => leader.Gangs.Get("uid-digits")!.Members.Single(m => m.Index == 0) is { Leaving: true, Standing: { InGroup: true, CommittedStep: 9 } }, "the board knows");
    }

    [Test]
    public async Task It_dials_again_at_once_and_says_to_the_next_leader_where_it_stands()
    {
        await using var next = await Replica.StartAsync(api, leads: false);
        var leader = await Replica.StartAsync(api, leads: true, transitions: 1);
        next.Leadership.Become(new(false, leader.Leadership.Identity, 1));
        await using var member = new Member(next, api, 0);
        await Until.True(() => member.Orders.OfType<GangOrder.Welcomed>().Any(o => o.Transitions == 1), "the first leader welcomes it");
        member.Link.Stand(new() { Prepared = true, Generation = 5, InGroup = true, HasState = true, CommittedStep = 77, StateGeneration = 5 });

        await leader.DisposeAsync();
        next.Leadership.Become(new(true, next.Leadership.Identity, 2));

        await Until.True(() => member.Orders.OfType<GangOrder.Welcomed>().Any(o => o.Transitions == 2), "the next leader welcomes it");
        await Until.True(
            () => next.Gangs.Get("uid-digits")?.Members.SingleOrDefault() is { Standing: { Generation: 5, InGroup: true, CommittedStep: 77 } }, "the next leader knows");
    }

    private sealed class Member : IAsyncDisposable
    {
        private readonly TestWorker worker;

        public Member(Replica dialled, InMemoryApi api, int index)
        {
            Link.Listen(Orders.Enqueue);
            worker = new(dialled.Address, dialled.Endpoint.CaBundle, api.AddWorker("digits", 1, index), index: index, gang: Link);
        }

        public GangLink Link { get; } = new();

        public ConcurrentQueue<GangOrder> Orders { get; } = new();

        public ValueTask DisposeAsync() => worker.DisposeAsync();
    }
}
