using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>All ranks of a group in this process, each with a thread of its own, over loopback.</summary>
internal static class Gang
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static GlooBackend Backend { get; } = new("127.0.0.1");

    /// <returns>What each rank's work returned, in rank order.</returns>
    public static T[] Run<T>(int size, Func<ICollectiveGroup, T> work) => Run(Backend, size, work);

    public static T[] Run<T>(ICollectiveBackend backend, int size, Func<ICollectiveGroup, T> work)
    {
        var pending = Prepare(backend, size);
        var addresses = pending.Select(p => p.Address).ToArray();
        return OnThreads(pending, p =>
        {
            using (p)
            using (var group = p.Connect(addresses, Patience))
                return work(group);
        });
    }

    public static ICollectiveGroup[] Connect(int size, TimeSpan? collectiveTimeout = null)
    {
        var pending = Prepare(Backend, size, collectiveTimeout);
        var addresses = pending.Select(p => p.Address).ToArray();
        return OnThreads(pending, p => p.Connect(addresses, Patience));
    }

    public static IPendingGroup[] Prepare(ICollectiveBackend backend, int size, TimeSpan? collectiveTimeout = null) =>
        [.. Enumerable.Range(0, size).Select(rank => backend.Prepare(rank, size, collectiveTimeout ?? Patience))];

    /// <summary>A collective ends only when all ranks take part, so each gets a thread, whatever the pool thinks.</summary>
    public static TOut[] OnThreads<TIn, TOut>(IReadOnlyList<TIn> items, Func<TIn, TOut> work)
    {
        var tasks = items.Select(item => Start(() => work(item))).ToArray();
        Task.WaitAll(tasks);
        return [.. tasks.Select(t => t.Result)];
    }

    public static Task<T> Start<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task Start(Action work) => Start(() =>
    {
        work();
        return true;
    });

    /// <summary>Threads of this process that are Gloo's, or any: .NET's own come and go, so tests compare with a margin.</summary>
    public static int Threads() => Directory.GetDirectories("/proc/self/task").Length;
}
