using AiDc.Trainer.Distributed.Collectives;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>A group is released at any time of its life, whatever its peers do, and the process goes on.</summary>
[TestFixture]
internal sealed class AbortTests
{
    [Test]
    public void A_collective_whose_peer_is_stopped_is_released_and_the_process_trains_on([Values(2, 3, 4)] int size)
    {
        var (group, peers) = PeerProcess.Gang(Gang.Backend, size);
        using var cleanUp = new Cleanup([group, .. peers]);
        var hanging = new HangingCollective(group);
        hanging.WaitForRounds();
        peers[^1].Stop();
        hanging.WaitUntilItHangs();

        var error = hanging.Abort($"a stopped peer, {size} ranks");

        Assert.That(error, Is.TypeOf<GroupAbortedException>());
        Assert.That(error.ClosedRanks, Is.Empty);
        Assert.That(Gang.Run(2, SumOfOnes), Is.All.EqualTo(2f), "a new group works in this process");
    }

    [Test]
    public void A_group_aborted_before_a_collective_refuses_it_and_others_see_it_gone()
    {
        var groups = Gang.Connect(2);
        groups[0].Abort();
        groups[0].Abort();

        Assert.That(() => SumOfOnes(groups[0]), Throws.TypeOf<GroupAbortedException>());
        Assert.That(() => groups[0].Barrier(), Throws.TypeOf<GroupAbortedException>());
        Assert.That(() => SumOfOnes(groups[1]), Throws.TypeOf<CollectiveException>().With.Property("ClosedRanks").EqualTo((int[])[0]));
        Array.ForEach(groups, g => g.Dispose());
    }

    [Test]
    public void A_group_aborted_after_its_collectives_keeps_their_results()
    {
        var sums = Gang.Run(2, group =>
        {
            var sum = SumOfOnes(group);
            group.Barrier();
            group.Abort();
            Assert.That(group.Barrier, Throws.TypeOf<GroupAbortedException>());
            return sum;
        });

        Assert.That(sums, Is.All.EqualTo(2f));
    }

    [Test]
    public void Every_kind_of_collective_is_released([Values("sum", "broadcast", "gather", "barrier")] string kind)
    {
        var groups = Gang.Connect(2);
        using var tensor = ones([3_000_000]);
        using var both = ones([6_000_000]);
        var waiting = Gang.Start(() => Assert.That(
            () =>
            {
                switch (kind)
                {
                    case "sum": groups[1].AllReduceSum(tensor); break;
                    case "broadcast": groups[1].Broadcast(tensor, 0); break;
                    case "gather": groups[1].AllGather(both, tensor); break;
                    default: groups[1].Barrier(); break;
                }
            },
            Throws.TypeOf<GroupAbortedException>()));

        // Its peer never comes; whether the abort meets it before or inside does not matter.
        Assert.That(waiting.Wait(TimeSpan.FromMilliseconds(100)), Is.False);
        groups[1].Abort();

        Assert.That(waiting.Wait(Gang.Patience));
        Array.ForEach(groups, g => g.Dispose());
    }

    [Test]
    public void Aborts_at_any_moment_of_running_collectives_end_them_and_nothing_else()
    {
        for (var round = 0; round < 30; round++)
        {
            var groups = Gang.Connect(3);
            var ended = groups.Select(g => Gang.Start(() => SumUntilItFails(g))).ToArray();
            SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(round % 10));
            groups[round % 3].Abort();

            Assert.That(Task.WaitAll(ended, Gang.Patience));
            Assert.That(ended[round % 3].Result, Is.TypeOf<GroupAbortedException>());
            Assert.That(ended.SelectMany(e => e.Result.ClosedRanks), Does.Contain(round % 3));
            Array.ForEach(groups, g => g.Dispose());
        }
    }

    [Test]
    public void A_pending_group_is_released_while_it_waits_for_a_peer_that_never_connects()
    {
        var pending = Gang.Prepare(Gang.Backend, 2);
        byte[][] addresses = [.. pending.Select(p => p.Address)];
        var connecting = Gang.Start(() => Assert.That(() => pending[0].Connect(addresses, Gang.Patience), Throws.TypeOf<GroupAbortedException>()));
        Assert.That(connecting.Wait(TimeSpan.FromMilliseconds(100)), Is.False);

        pending[0].Abort();

        Assert.That(connecting.Wait(TimeSpan.FromSeconds(5)));
        pending[1].Abort();
        Assert.That(() => pending[1].Connect(addresses, Gang.Patience), Throws.TypeOf<GroupAbortedException>(), "aborted before it connects");
        Array.ForEach(pending, p => p.Dispose());
    }

    [Test]
    public void A_pending_group_that_was_connected_and_is_aborted_later_releases_its_group()
    {
        var pending = Gang.Prepare(Gang.Backend, 2);
        byte[][] addresses = [.. pending.Select(p => p.Address)];
        var groups = Gang.OnThreads(pending, p => p.Connect(addresses, Gang.Patience));

        pending[0].Abort();

        Assert.That(groups[0].Barrier, Throws.TypeOf<GroupAbortedException>());
        Array.ForEach(groups, g => g.Dispose());
        Assert.That(groups[0].Abort, Throws.Nothing, "after it was disposed of, too");
    }

    private static float SumOfOnes(ICollectiveGroup group)
    {
        using var tensor = ones([1000]);
        group.AllReduceSum(tensor);
        return tensor[0].item<float>();
    }

    private static CollectiveException SumUntilItFails(ICollectiveGroup group)
    {
        while (true)
        {
            try
            {
                PeerProcess.Sum(group);
            }
            catch (CollectiveException e)
            {
                return e;
            }
        }
    }
}
