using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Training;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>Gradients in flat buckets, and their sums while backward runs.</summary>
[TestFixture]
internal sealed class BucketTests
{
    [Test]
    public void Buckets_are_filled_from_the_last_parameter_on_do_not_grow_beyond_their_size_and_know_when_they_are_whole()
    {
        Tensor[] parameters = [.. new long[] { 10, 50, 10, 40, 20, 30 }.Select(n => zeros([n], requires_grad: true))];
        using var buckets = new GradientBuckets(parameters, tail: 3, bucketBytes: 60 * sizeof(float));

        Assert.That(buckets.Flat.Select(f => f.numel()), Is.EqualTo(new long[] { 50, 50, 63 }));
        Assert.That(Enumerable.Range(0, 6).Select(buckets.WholeFrom), Is.EqualTo(new[] { 2, 2, 2, 1, 1, 0 }));
    }

    [Test]
    public void A_parameter_larger_than_a_bucket_has_one_of_its_own()
    {
        Tensor[] parameters = [.. new long[] { 1, 1000, 1 }.Select(n => zeros([n], requires_grad: true))];
        using var buckets = new GradientBuckets(parameters, tail: 0, bucketBytes: 400);

        Assert.That(buckets.Flat.Select(f => f.numel()), Is.EqualTo(new long[] { 1, 1000, 1 }));
    }

    [Test]
    public void Gradients_live_in_the_buckets()
    {
        Tensor[] parameters = [ones([2], requires_grad: true), ones([3], requires_grad: true)];
        using var buckets = new GradientBuckets(parameters, tail: 1, bucketBytes: 8);
        (parameters[0].sum() * 2 + parameters[1].sum() * 3).backward();

        Assert.That(buckets.Flat[0].data<float>().ToArray(), Is.EqualTo(new[] { 3f, 3f, 3f }));
        Assert.That(buckets.Flat[1].data<float>().ToArray(), Is.EqualTo(new[] { 2f, 2f, 0f }));
        buckets.Zero();
        Assert.That(parameters[1].grad!.sum().item<float>(), Is.Zero);
    }

    [Test]
    public void Sums_are_made_in_the_order_of_the_buckets_whatever_became_ready_first([Values(1, 2, 3)] int size)
    {
        var results = Gang.Run(size, group =>
        {
            Tensor[] flats = [.. Enumerable.Range(0, 5).Select(i => zeros([100_000 + i]))];
            using var reducer = new BucketReducer(group.AllReduceSum, flats);
            for (var step = 1; step <= 10; step++)
            {
                reducer.Begin();
                foreach (var i in Enumerable.Range(0, 5).OrderBy(i => (i * (group.Rank + 2)) % 5))
                {
                    flats[i].fill_(step * (i + 1));
                    reducer.Ready(i);
                }

                reducer.Wait();
                Assert.That(reducer.Done, Is.EqualTo(5));
                Assert.That(flats.Select((f, i) => f[^1].item<float>() / (i + 1)), Is.All.EqualTo((float)step * group.Size));
            }

            return true;
        });

        Assert.That(results, Is.All.True);
    }

    [Test]
    public void A_bucket_is_summed_before_the_others_are_ready()
    {
        Gang.Run(2, group =>
        {
            Tensor[] flats = [ones([10]), ones([10])];
            using var reducer = new BucketReducer(group.AllReduceSum, flats);
            reducer.Begin();
            reducer.Ready(0);
            Assert.That(SpinWait.SpinUntil(() => reducer.Done == 1, Gang.Patience));
            Assert.That(flats[0][0].item<float>(), Is.EqualTo(2f));
            reducer.Wait();
            return flats[1][0].item<float>();
        });
    }

    [Test]
    public void Wait_throws_what_the_collective_threw_and_the_reducer_can_be_disposed_of()
    {
        var groups = Gang.Connect(2);
        Tensor[] flats = [ones([1_000_000]), ones([10])];
        using var reducer = new BucketReducer(groups[0].AllReduceSum, flats);
        reducer.Begin();
        reducer.Ready(0);

        groups[0].Abort();

        Assert.That(reducer.Wait, Throws.TypeOf<GroupAbortedException>());
        Assert.That(reducer.Done, Is.Zero);
        Array.ForEach(groups, g => g.Dispose());
    }
}
