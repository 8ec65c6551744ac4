using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed.Ledger;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>The ledger of any history is exact, and every damage to it is seen.</summary>
internal sealed class LedgerCheckTests
{
    [Test]
    public void Any_history_of_joins_losses_roll_backs_and_resumes_uses_every_sample_of_an_epoch_once([Range(0, 199)] int seed)
    {
        var history = History.Random(seed);
        var verdict = LedgerCheck.Verify(history.Entries, history.Samples, history.Epochs);
        Assert.That(verdict.Problems, Is.Empty);
        Assert.That(verdict.Steps, Is.EqualTo(history.Steps));
    }

    [Test]
    public void A_surviving_entry_that_is_missing_or_doubled_is_seen([Range(0, 49)] int seed)
    {
        var history = History.Random(seed);
        var last = history.Entries.Last(e => e.Indices.Count > 0);
        Assert.That(LedgerCheck.Verify([.. history.Entries.Where(e => e != last), last with { Indices = [.. last.Indices.Skip(1)] }], history.Samples, history.Epochs).Exact, Is.False);
        Assert.That(LedgerCheck.Verify([.. history.Entries, last], history.Samples, history.Epochs).Exact, Is.False);
    }

    [Test]
    public void An_epoch_that_is_under_way_is_no_problem_unless_complete_ones_are_asked_for()
    {
        LedgerEntry[] entries = [new(1, 0, 0, 0, 0, [3, 1]), new(1, 0, 1, 0, 0, [0])];
        Assert.That(LedgerCheck.Verify(entries, 5).Exact);
        Assert.That(LedgerCheck.Verify(entries, 5, epochs: 1).Problems, Has.Some.Contain("2 of 5 samples were not used"));
        Assert.That(LedgerCheck.Verify([entries[1]], 5).Problems, Has.Some.Contain("missing are 0"));
    }

    [Test]
    public void What_a_killed_process_left_half_written_is_passed_over_and_anything_else_that_is_no_entry_is_not()
    {
        var folder = Directory.CreateTempSubdirectory("aidc-ledger-").FullName;
        try
        {
            using (var writer = new LedgerWriter(folder, "one")) writer.Append(new LedgerEntry(1, 0, 0, 0, 0, [4]));
            var file = Directory.GetFiles(folder, "*" + LedgerReader.Extension).Single();
            File.AppendAllText(file, "{\"generation\":1,\"rep");
            Assert.That(LedgerReader.Read(folder).Single().Indices, Is.EqualTo(new[] { 4 }));
            File.AppendAllText(file, "\n");
            Assert.That(() => LedgerReader.Read(folder), Throws.TypeOf<InvalidFileException>().With.Message.Contains("line 2"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Of_a_training_that_goes_on_the_steps_count_that_all_processes_have_written_down()
    {
        var folder = Directory.CreateTempSubdirectory("aidc-ledger-").FullName;
        try
        {
            using (var ahead = new LedgerWriter(folder, "ahead"))
                foreach (var step in new[] { 0, 1, 2 }) ahead.Append(new LedgerEntry(1, 0, step, step / 2, 0, [step % 2]));
            using (var behind = new LedgerWriter(folder, "behind"))
                foreach (var step in new[] { 0, 1 }) behind.Append(new LedgerEntry(1, 0, step, 0, 1, [2 + step]));

            Assert.That(LedgerReader.ReadSettled(folder).Select(e => e.Step), Is.EquivalentTo(new[] { 0, 0, 1, 1 }));
            Assert.That(LedgerCheck.Verify(LedgerReader.ReadSettled(folder), 4), Has.Property("Exact").True.And.Property("Epochs").EqualTo(1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// What processes would write: steps are shared out by the code that trains, groups of any size break at any step before, within or after
    /// it, and go on from the step that was committed, or from an older checkpoint when all were lost.
    /// </summary>
    private sealed record History(IReadOnlyList<LedgerEntry> Entries, int Samples, int Epochs, long Steps)
    {
        public static History Random(int seed)
        {
            var random = new Random(seed);
            var (samples, batch, epochs) = (random.Next(1, 60), random.Next(1, 20), random.Next(1, 4));
            var perEpoch = (samples + batch - 1) / batch;
            var total = (long)perEpoch * epochs;
            var entries = new List<LedgerEntry>();
            var (step, checkpoint) = (0L, 0L);
            for (var generation = 1L; step < total; generation += random.Next(1, 3))
            {
                var size = random.Next(1, 6);
                var micro = random.Next(1, batch + 1);
                var replay = 0;
                var breaks = generation > 12 ? total : step + random.Next(0, 15);
                while (step < total)
                {
                    var dies = step == breaks;
                    for (var rank = 0; rank < size; rank++)
                    {
                        // Who is killed in the middle of a step may have written its line or not.
                        if (!dies || random.Next(2) == 0) entries.Add(Entry(generation, replay, step, rank, size, micro, seed, samples, batch, perEpoch));
                    }

                    if (dies) break;
                    step++;
                    if (random.Next(5) == 0) checkpoint = step;
                    if (random.Next(40) == 0 && generation <= 12) (step, replay) = (checkpoint, replay + 1);
                }

                if (step < total && random.Next(4) == 0) step = checkpoint;
            }

            return new(entries, samples, epochs, total);
        }

        private static LedgerEntry Entry(long generation, int replay, long step, int rank, int size, int micro, int seed, int samples, int batch, int perEpoch)
        {
            var (epoch, index) = ((int)(step / perEpoch), (int)(step % perEpoch));
            var order = EpochOrder.Permutation((ulong)seed, epoch, samples);
            var count = Math.Min(batch, samples - (index * batch));
            var share = new BatchShare(rank, size, micro);
            var indices = new List<int>();
            for (var round = 0; round < share.Rounds(count); round++)
            {
                var (start, end) = share.Slice(count, round);
                indices.AddRange(order.AsSpan((index * batch) + start, end - start));
            }

            return new(generation, replay, step, epoch, rank, indices);
        }
    }
}
