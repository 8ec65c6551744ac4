using AiDc.Trainer.Distributed.Collectives;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>Gradients in flat buckets, and their sums while backward runs.</summary>
[TestFixture]
internal sealed class BucketTests
{
    [Test]
    public void Buckets_are_filled_from_the_last_parameter_on_and_do_not_grow_beyond_their_size()
    {
        var plan = BucketPlan.Plan([.. new long[] { 10, 50, 10, 40, 20, 30 }.Select(n => new ParameterShape(n, 1, "float"))], bucketBytes: 60);

        Assert.That(plan, Is.EqualTo((int[][])[[5, 4], [3, 2], [1, 0]]));
    }

    [Test]
    public void A_parameter_larger_than_a_bucket_has_one_of_its_own_and_types_do_not_mix()
    {
        var plan = BucketPlan.Plan([new(1, 4, "float"), new(1000, 4, "float"), new(1, 4, "float"), new(1, 2, "bfloat16")], bucketBytes: 100);

        Assert.That(plan, Is.EqualTo((int[][])[[3], [2], [1], [0]]));
        Assert.That(BucketPlan.Plan([], 100), Is.Empty);
    }

    [Test]
    public void Gradients_live_in_the_buckets_through_backward_step_and_zero_and_equal_those_without()
    {
        using var plain = Model();
        using var bucketed = Model();
        using var buckets = new GradientBuckets(bucketed.parameters(), bucketBytes: 200);
        buckets.Attach();
        using var optimizer = optim.SGD(bucketed.parameters(), 0.1);
        using var plainOptimizer = optim.SGD(plain.parameters(), 0.1);

        for (var step = 0; step < 3; step++)
        {
            buckets.Zero();
            plain.zero_grad();
            Loss(bucketed).backward();
            Loss(plain).backward();

            var gradients = buckets.Parameters.Select(p => p.grad!.flatten()).ToArray();
            Assert.That(buckets.Flats, Has.Count.GreaterThan(1));
            Assert.That(cat([.. buckets.Flats]).sum().item<float>(), Is.EqualTo(cat(gradients).sum().item<float>()).Within(1e-4), "backward wrote into the buckets");
            Assert.That(cat(gradients).equal(cat([.. plain.parameters().Select(p => p.grad!.flatten())])).all().item<bool>());
            optimizer.step();
            plainOptimizer.step();
        }

        Assert.That(Enumerable.Range(0, buckets.Parameters.Count).Select(buckets.BucketOf), Is.Ordered.Descending);
    }

    [Test]
    public void Sums_are_made_in_the_order_of_the_buckets_whatever_became_ready_first([Values(1, 2, 3)] int size)
    {
        var results = Gang.Run(size, group =>
        {
            Tensor[] flats = [.. Enumerable.Range(0, 5).Select(i => zeros([100_000 + i]))];
            using var reducer = new BucketReducer(group, flats, TimeProvider.System);
            for (var step = 1; step <= 10; step++)
            {
                reducer.Begin();
                foreach (var i in Enumerable.Range(0, 5).OrderBy(i => (i * (group.Rank + 2)) % 5))
                {
                    flats[i].fill_(step * (i + 1));
                    reducer.Ready(i);
                }

                reducer.Wait();
                Assert.That(reducer.IsComplete);
                Assert.That(flats.Select((f, i) => f[^1].item<float>() / (i + 1)), Is.All.EqualTo((float)step * group.Size));
            }

            return reducer.Reducing > TimeSpan.Zero && reducer.Waiting > TimeSpan.Zero;
        });

        Assert.That(results, Is.All.True);
    }

    [Test]
    public void A_bucket_is_summed_before_the_others_are_ready()
    {
        Gang.Run(2, group =>
        {
            Tensor[] flats = [ones([10]), ones([10])];
            using var reducer = new BucketReducer(group, flats, TimeProvider.System);
            reducer.Begin();
            reducer.Ready(0);
            Assert.That(SpinWait.SpinUntil(() => reducer.Reducing > TimeSpan.Zero, Gang.Patience));
            Assert.That(reducer.IsComplete, Is.False);
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
        using var reducer = new BucketReducer(groups[0], flats, TimeProvider.System);
        reducer.Begin();
        reducer.Ready(0);

        groups[0].Abort();

        Assert.That(reducer.Wait, Throws.TypeOf<GroupAbortedException>());
        Assert.That(reducer.IsComplete, Is.False);
        Array.ForEach(groups, g => g.Dispose());
    }

    private static Sequential Model()
    {
        manual_seed(3);
        return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2));
    }

    private static Tensor Loss(Sequential model)
    {
        using var input = ones([4, 6]);
        return model.call(input).pow(2).mean();
    }
}
