using AiDc.Trainer.Distributed.Collectives;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>Broadcast, all-gather, barrier, and the order of a group's life.</summary>
[TestFixture]
internal sealed class CollectivesTests
{
    [Test]
    public void Broadcast_gives_every_rank_the_bytes_of_the_root([Values(1, 2, 3, 4)] int size)
    {
        var results = Gang.Run(size, group => Enumerable.Range(0, size).Select(root =>
        {
            using var flags = full([2_000_003], group.Rank == root, @bool);
            group.Broadcast(flags, root);
            using var halves = full([5], group.Rank + 0.5, float16);
            group.Broadcast(halves, root);
            return (AllTrue: flags.all().item<bool>(), Half: (double)halves[4].item<Half>());
        }).ToArray());

        foreach (var result in results)
            Assert.That(result, Is.EqualTo(Enumerable.Range(0, size).Select(root => (true, root + 0.5))));
    }

    [Test]
    public void All_gather_gives_every_rank_the_inputs_in_rank_order([Values(1, 2, 3, 4)] int size, [Values(0, 1, 7, 300_001)] int length)
    {
        var results = Gang.Run(size, group =>
        {
            using var input = full([length], group.Rank, int32);
            using var output = full([size, length], -1, int32);
            group.AllGather(output, input);
            return length == 0 ? [] : output.data<int>().ToArray();
        });

        var expected = Enumerable.Range(0, size).SelectMany(rank => Enumerable.Repeat(rank, length));
        foreach (var result in results)
            Assert.That(result.SequenceEqual(expected));
    }

    [Test]
    public void Nobody_leaves_a_barrier_before_all_have_come([Values(2, 3, 4)] int size)
    {
        var arrived = 0;

        var seen = Gang.Run(size, group => Enumerable.Range(1, 200).Select(_ =>
        {
            Interlocked.Increment(ref arrived);
            group.Barrier();
            var counted = Volatile.Read(ref arrived);
            group.Barrier();
            return counted;
        }).ToArray());

        foreach (var counts in seen)
            Assert.That(counts, Is.EqualTo(Enumerable.Range(1, 200).Select(round => round * size)));
    }

    [Test]
    public void Ranks_that_leave_at_different_times_do_not_disturb_those_still_in_the_last_collective([Values(2, 3, 4)] int size)
    {
        for (var round = 0; round < 20; round++)
        {
            var sums = Gang.Run(size, group =>
            {
                using var tensor = ones([50_000]);
                group.AllReduceSum(tensor);
                group.Barrier();
                return tensor.sum().item<float>();
            });

            Assert.That(sums, Is.All.EqualTo(50_000f * size));
        }
    }

    [Test]
    public void Two_groups_with_the_same_ranks_do_not_mix()
    {
        var first = Gang.Connect(3);
        var second = Gang.Connect(3);

        var sums = Gang.OnThreads(Enumerable.Range(0, 3).ToArray(), rank =>
        {
            using var a = full([1000], 1.0f);
            using var b = full([1000], 10.0f);
            first[rank].AllReduceSum(a);
            second[rank].AllReduceSum(b);
            return (a[0].item<float>(), b[0].item<float>());
        });

        Assert.That(sums, Is.All.EqualTo((3f, 30f)));
        Gang.OnThreads([.. first, .. second], Dispose);
    }

    [Test]
    public void Wrong_sizes_and_roots_are_refused_with_the_reason()
    {
        using var group = Gang.Connect(1)[0];
        using var one = zeros([4]);
        using var three = zeros([12]);

        Assert.That(() => group.AllGather(three, one), Throws.ArgumentException.With.Message.Contain("48 bytes"));
        Assert.That(() => group.Broadcast(one, 1), Throws.ArgumentException.With.Message.Contain("not a rank"));
    }

    [Test]
    public void A_group_is_not_connected_with_addresses_of_other_ranks_or_another_size()
    {
        var three = Gang.Prepare(Gang.Backend, 3);
        using var two = Gang.Prepare(Gang.Backend, 2)[0];
        var (a, b, c) = (three[0].Address, three[1].Address, three[2].Address);

        Assert.That(() => three[0].Connect([a, c, b], Gang.Patience), Throws.ArgumentException.With.Message.Contain("is of rank 2 of 3"));
        Assert.That(() => two.Connect([a, b], Gang.Patience), Throws.ArgumentException.With.Message.Contain("of 3, not of rank 0 of 2"));
        Assert.That(() => three[1].Connect([a, b], Gang.Patience), Throws.ArgumentException.With.Message.Contain("3 addresses"));
        foreach (var group in three)
            group.Dispose();
    }

    [Test]
    public void An_address_that_this_machine_does_not_have_is_an_error_that_names_it() =>
        Assert.That(
            () => new GlooBackend("192.0.2.7").Prepare(0, 1, Gang.Patience),
            Throws.TypeOf<CollectiveException>().With.Message.Contain("192.0.2.7"));

    private static bool Dispose(ICollectiveGroup group)
    {
        group.Dispose();
        return true;
    }

    [Test]
    public void The_licence_of_Gloo_goes_along_with_the_program() =>
        Assert.That(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "licenses", "gloo.txt")), Does.Contain("Facebook").And.Contain("Redistributions in binary form"));
}
