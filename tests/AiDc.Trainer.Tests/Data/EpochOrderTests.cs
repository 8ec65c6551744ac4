using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class EpochOrderTests
{
    [Test]
    public void Each_sample_comes_once([Values(0, 1, 2, 3, 17, 1000, 60000)] int count, [Values(0UL, 1UL, ulong.MaxValue)] ulong seed)
    {
        var order = EpochOrder.Permutation(seed, 3, count);
        Assert.That(order.Order(), Is.EqualTo(Enumerable.Range(0, count)));
    }

    [Test]
    public void Seed_and_epoch_determine_the_order()
    {
        var orders = (from seed in Enumerable.Range(0, 5) from epoch in Enumerable.Range(0, 5)
                      select string.Join(',', EpochOrder.Permutation((ulong)seed, epoch, 50))).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(orders.Distinct().Count(), Is.EqualTo(25));
            Assert.That(EpochOrder.Permutation(3, 4, 50), Is.EqualTo(EpochOrder.Permutation(3, 4, 50)));
        });
    }

    [Test]
    public void The_order_is_the_same_on_every_machine() =>
        Assert.That(EpochOrder.Permutation(42, 0, 10), Is.EqualTo(GoldenOrder));

    /// <summary>Computed by an independent program; a change of it would break every run that resumes in the middle of an epoch.</summary>
    private static readonly int[] GoldenOrder = [2, 8, 5, 1, 6, 4, 0, 3, 9, 7];

    [Test]
    public void Every_place_is_equally_likely()
    {
        const int Count = 5, Runs = 20_000;
        var seen = new int[Count, Count];
        for (var run = 0; run < Runs; run++)
        {
            var order = EpochOrder.Permutation(7, run, Count);
            for (var place = 0; place < Count; place++) seen[place, order[place]]++;
        }
        // Chi-square with 16 degrees of freedom: 39.3 is exceeded once in a thousand times; the seed makes the outcome fixed.
        var chi = seen.Cast<int>().Sum(n => (n - Runs / Count) * (double)(n - Runs / Count) / (Runs / Count));
        Assert.That(chi, Is.LessThan(39.3));
    }

    [Test]
    public void The_generators_give_the_numbers_their_authors_published()
    {
        var split = new SplitMix64(1234567);
        var xoshiro = new Xoshiro256(1, 2, 3, 4);
        Assert.Multiple(() =>
        {
            Assert.That(new[] { split.Next(), split.Next(), split.Next() },
                Is.EqualTo(new[] { 6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL }));
            Assert.That(Enumerable.Range(0, 5).Select(_ => xoshiro.Next()),
                Is.EqualTo(new[] { 11520UL, 0UL, 1509978240UL, 1215971899390074240UL, 1216172134540287360UL }));
        });
    }

    [Test]
    public void Bounded_numbers_are_uniform_even_where_the_bound_does_not_divide_the_range()
    {
        const uint Bound = 3u << 30;
        var random = new Xoshiro256(1);
        var low = Enumerable.Range(0, 30_000).Count(_ => random.Below(Bound) < Bound / 3);
        Assert.That(low, Is.EqualTo(10_000).Within(300)); // the plain remainder would give about 15,000
    }
}
