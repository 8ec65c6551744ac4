using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>A training that nobody disturbs while all of the machine's cores are loaded by other work: any new generation is a false eviction.</summary>
internal static class LoadedTraining
{
    private const string Name = "loaded";

    /// <summary>More than fit into the time: the training is deleted when that is over.</summary>
    private const int Epochs = 1000;

    public static async Task RunAsync(string root, TimeSpan duration, Figures figures, CancellationToken ct)
    {
        await using var job = await ElasticJob.StartAsync(Name, root, Epochs, seed: 1, elastic: true, ct);
        var before = await job.TrainsAtFullStrengthAsync(20, ct);
        using (OtherWork.OnAllCores())
        {
            for (var left = duration; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(1))
            {
                await Task.Delay(left < TimeSpan.FromMinutes(1) ? left : TimeSpan.FromMinutes(1), ct);
                var now = job.Ledger;
                AnsiConsole.MarkupLineInterpolated($"  {Name}: {left.TotalMinutes - 1:F0} min left, step {now.Step}, generation {now.Generation}");
            }
        }

        var after = job.Ledger;
        var status = await job.StatusAsync(ct);
        figures.Set("loadedMinutes", duration.TotalMinutes);
        figures.Set("loadedSteps", after.Step - before.Step);
        figures.Set("falseEvictions", after.Generation - before.Generation);
        figures.Set("loadedRestarts", status.TryGetProperty("restarts", out var restarts) ? restarts.GetInt32() : 0);
    }

    /// <summary>One thread a core that never rests, outside the cluster's control groups: it competes with all of the cluster as a whole.</summary>
    private sealed class OtherWork : IDisposable
    {
        private volatile bool stopped;

        public static OtherWork OnAllCores()
        {
            var work = new OtherWork();
            for (var i = 0; i < Environment.ProcessorCount; i++)
                new Thread(work.Spin) { IsBackground = true }.Start();
            return work;
        }

        public void Dispose() => stopped = true;

        private void Spin()
        {
            while (!stopped)
                Thread.SpinWait(10_000);
        }
    }
}
