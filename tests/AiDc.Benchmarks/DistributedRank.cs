using System.Diagnostics;
using System.Globalization;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Hosting;
using TorchSharp;

namespace AiDc.Benchmarks;

/// <summary>
/// One rank of the all-reduce benchmark, through the trainer's own classes: allreduce-rank FOLDER RANK SIZE ELEMENTS ROUNDS.
/// Prints the seconds that the rounds took. The counterpart of trainer-image/native/bench/gloo_allreduce.cc.
/// </summary>
internal static class DistributedRank
{
    private const int WarmUp = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static int Run(string[] arguments)
    {
        var (folder, rank, size, elements, rounds) = (arguments[0], Number(arguments[1]), Number(arguments[2]), Number(arguments[3]), Number(arguments[4]));
        TorchRuntime.Configure(threads: 1);
        using var data = torch.zeros([elements]);
        using var pending = new GlooBackend("127.0.0.1").Prepare(rank, size, Patience);
        Publish(folder, rank, pending.Address);
        using var group = pending.Connect([.. Enumerable.Range(0, size).Select(peer => Read(folder, peer))], Patience);
        for (var i = 0; i < WarmUp; i++)
            group.AllReduceSum(data);
        group.Barrier();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < rounds; i++)
            group.AllReduceSum(data);
        Console.WriteLine(clock.Elapsed.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));
        group.Barrier();
        return 0;
    }

    private static void Publish(string folder, int rank, byte[] address)
    {
        var file = Path.Combine(folder, $"rank-{rank}");
        File.WriteAllBytes(file + ".tmp", address);
        File.Move(file + ".tmp", file);
    }

    private static byte[] Read(string folder, int rank)
    {
        var file = Path.Combine(folder, $"rank-{rank}");
        return SpinWait.SpinUntil(() => File.Exists(file), Patience)
            ? File.ReadAllBytes(file)
            : throw new InvalidOperationException($"rank {rank} did not come");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
