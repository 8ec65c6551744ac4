using AiDc.Trainer.Data;
using AiDc.Trainer.Data.Folders;
using SkiaSharp;

namespace AiDc.Trainer.Tests.Data;

public sealed class MemoryBudgetTests : FolderTests
{
    [Test]
    public void Never_more_is_held_at_once_than_there_is_and_everyone_gets_a_turn()
    {
        var budget = new MemoryBudget(100);
        long held = 0, most = 0;
        var turns = 0;
        Parallel.For(0, 400, new() { MaxDegreeOfParallelism = 8 }, i =>
        {
            var wanted = 10 + i % 60;
            using var share = budget.Take(wanted);
            var now = Interlocked.Add(ref held, wanted);
            InterlockedMax(ref most, now);
            Thread.Yield();
            Interlocked.Add(ref held, -wanted);
            Interlocked.Increment(ref turns);
        });
        Assert.That((turns, most <= 100), Is.EqualTo((400, true)), $"{most} of 100 were held at once");
    }

    [Test]
    public void What_is_larger_than_all_of_it_goes_alone()
    {
        var budget = new MemoryBudget(100);
        var inside = 0;
        var together = 0;
        Parallel.For(0, 50, new() { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using var share = budget.Take(1000);
            if (Interlocked.Increment(ref inside) > 1) Interlocked.Increment(ref together);
            Thread.Yield();
            Interlocked.Decrement(ref inside);
        });
        Assert.That(together, Is.Zero);
    }

    [Test]
    public void Pictures_are_the_same_whatever_the_budget()
    {
        for (var i = 0; i < 12; i++) Folder.Write($"{(i % 2 == 0 ? "a" : "b")}/{i}.png", Pictures.Png(60, 40, new SKColor((byte)(i * 20), 50, 9)));
        var ample = ImageDataReader.Read(Folder.Path, DataFormat.Folder, new() { Parallelism = 4 });
        var tight = ImageDataReader.Read(Folder.Path, DataFormat.Folder, new() { Parallelism = 4, DecodingBytes = 1 });
        Assert.That(tight.Train.Pixels, Is.EqualTo(ample.Train.Pixels));
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); value > seen; seen = Interlocked.Read(ref target))
            if (Interlocked.CompareExchange(ref target, value, seen) == seen) return;
    }
}
