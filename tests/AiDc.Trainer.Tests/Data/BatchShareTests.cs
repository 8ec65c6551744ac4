using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

internal sealed class BatchShareTests
{
    [Test]
    public void The_rounds_of_all_ranks_cover_a_batch_once_and_in_order(
        [Values(1, 2, 3, 7)] int ranks, [Values(1, 3, 100)] int micro, [Values(1, 2, 5, 64)] int count)
    {
        var read = new List<int>();
        for (var rank = 0; rank < ranks; rank++)
        {
            var share = new BatchShare(rank, ranks, micro);
            for (var round = 0; round < share.Rounds(count); round++)
            {
                var (start, end) = share.Slice(count, round);
                Assert.That(end - start, Is.InRange(0, micro));
                read.AddRange(Enumerable.Range(start, end - start));
            }
        }

        Assert.That(read, Is.EqualTo(Enumerable.Range(0, count)));
        var first = new BatchShare(0, ranks, micro);
        Assert.That(Enumerable.Range(0, first.Rounds(count)).Sum(round => first.InRound(count, round)), Is.EqualTo(count));
    }

    [Test]
    public void Shares_differ_by_one_sample_at_most([Values(1, 2, 3, 5, 8)] int ranks, [Values(1, 7, 64)] int count)
    {
        var sizes = Enumerable.Range(0, ranks).Select(rank => BatchShare.Of(count, rank, ranks)).Select(s => s.End - s.Start).ToArray();
        Assert.That(sizes.Max() - sizes.Min(), Is.LessThanOrEqualTo(1));
    }
}
