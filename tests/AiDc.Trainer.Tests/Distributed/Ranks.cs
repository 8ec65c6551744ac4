using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>Runs the same work as several ranks of one group, each on a thread of its own.</summary>
internal static class Ranks
{
    public static IReadOnlyList<T> Run<T>(int size, Func<RankGroup, T> work, InMemoryCollectives? backend = null)
    {
        backend ??= new InMemoryCollectives();
        var pending = Enumerable.Range(0, size).Select(rank => backend.Prepare(rank, size, TimeSpan.FromMinutes(1))).ToArray();
        var addresses = pending.Select(p => p.Address).ToArray();
        var results = new T[size];
        var errors = new Exception?[size];
        var threads = pending.Select((p, rank) => new Thread(() =>
        {
            ICollectiveGroup? group = null;
            try
            {
                group = p.Connect(addresses, TimeSpan.FromMinutes(1));
                results[rank] = work(new RankGroup(1, 0, group, TimeProvider.System));
            }
            catch (Exception error)
            {
                errors[rank] = error;
            }
            finally
            {
                group?.Dispose();
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (errors.OfType<Exception>().ToArray() is { Length: > 0 } failed) throw new AggregateException(failed);
        return results;
    }
}
