using System.Diagnostics;
using AiDc.Testing;

namespace AiDc.Benchmarks;

/// <summary>
/// What the operator costs: start to ready, resident memory idle and with 1,000 jobs and 10,000 pods in its caches, and writes
/// to the API server with nothing to do.
/// </summary>
internal static class FootprintBenchmark
{
    private const int Jobs = 1000;
    private const int Workers = 10;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        await using var plane = await ControlPlane.StartAsync(ct: ct);
        using var client = new ApiLoad(plane);
        await client.InstallCrdsAsync(ct);

        List<double> starts = [];
        for (var i = 0; i < 4; i++)
        {
            await using var started = await OperatorProcess.StartAsync(plane, ct);
            starts.Add(started.StartSeconds);
        }

        // The first start reads the files from the disk and makes the authority's key; nodes that run the image have done both.
        figures.Set("firstStartSeconds", starts[0]);
        figures.Set("startSeconds", starts.Skip(1).Order().ElementAt(1));

        await using var host = await OperatorProcess.StartAsync(plane, ct);
        await Task.Delay(Settle, ct);
        figures.Set("idleRssMiB", host.RssMiB);
        figures.Set("idleWritesPerMinute", await WritesInAMinuteAsync(client, ct));

        await client.CreateNamespaceAsync("load", ct);
        var clock = Stopwatch.StartNew();
        await client.CreateTrainingJobsAsync("load", Jobs, Workers, ct);
        await client.WaitForPodsAsync("load", Jobs * Workers, ct);
        figures.Set("loadSeconds", clock.Elapsed.TotalSeconds);
        await Task.Delay(Settle, ct);
        figures.Set("loadedRssMiB", host.RssMiB);
        figures.Set("loadedIdleWritesPerMinute", await WritesInAMinuteAsync(client, ct));

        // A fresh process that lists it all: what the memory is after a restart of the operator in a full cluster.
        await host.DisposeAsync();
        await using var again = await OperatorProcess.StartAsync(plane, ct);
        figures.Set("loadedStartSeconds", again.StartSeconds);
        await Task.Delay(Settle, ct);
        figures.Set("loadedRestartRssMiB", again.RssMiB);
    }

    /// <summary>All writes that the API server served in a minute but those of leases, by its own counters.</summary>
    private static async Task<double> WritesInAMinuteAsync(ApiLoad client, CancellationToken ct)
    {
        var before = await client.CountWritesAsync(ct);
        await Task.Delay(TimeSpan.FromMinutes(1), ct);
        return await client.CountWritesAsync(ct) - before;
    }
}
