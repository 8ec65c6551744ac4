using System.Diagnostics;
using System.Net;

namespace AiDc.Benchmarks.Serving.Cluster;

/// <summary>Steady requests by way of the gateways' Service, while something happens to what serves them.</summary>
internal sealed class Traffic(IPEndPoint gateways, InferenceRequests requests, ClusterService service)
{
    public const double Rate = 200;
    private const int Connections = 64;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6), WarmUp = TimeSpan.FromSeconds(3), Before = TimeSpan.FromSeconds(5), After = TimeSpan.FromSeconds(5);

    /// <summary>Opens the way: connections, the code of client and servers that runs for the first time.</summary>
    public Task WarmUpAsync(CancellationToken ct) => Task.Run(() => Load().Run(Rate, WarmUp, Connections, ct), ct);

    /// <param name="what">Done in the middle of the traffic, which ends some seconds after it.</param>
    /// <param name="patience">How long a request may take.</param>
    /// <returns>What the requests met, and when <paramref name="what"/> began, as a timestamp.</returns>
    public async Task<(LoadResult Result, long Began)> DuringAsync(Func<Task> what, TimeSpan patience, CancellationToken ct)
    {
        using var end = new CancellationTokenSource();
        var stopped = end.Token;
        var load = Task.Factory.StartNew(() => Load().Run(Rate, Longest, Connections, patience, stopped, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long began;
        try
        {
            await Task.Delay(Before, ct);
            began = Stopwatch.GetTimestamp();
            await what();
            await Task.Delay(After, ct);
        }
        finally
        {
            await end.CancelAsync();
            await load;
        }

        return (await load, began);
    }

    private HttpLoad Load() => new(gateways, requests.Binary(gateways, service.Path));
}
