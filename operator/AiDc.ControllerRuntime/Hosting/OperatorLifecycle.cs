using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Events;
using AiDc.ControllerRuntime.Leadership;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>
/// The order of an operator's life: caches, lease, controllers; and backwards. What cannot go on ends the process with
/// exit code 1, for Kubernetes to start it anew.
/// </summary>
internal sealed partial class OperatorLifecycle(
    IServiceProvider services, IEnumerable<ControllerWiring> wirings, IEnumerable<IInformer> informers, IEnumerable<Controller> controllers,
    ILeadership leadership, EventRecorder events, IOptions<KubernetesOperatorOptions> options, RuntimeMetrics metrics, TimeProvider clock,
    IHostApplicationLifetime lifetime, ILogger<OperatorLifecycle> logger) : BackgroundService
{
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var wiring in wirings) wiring.Connect(services);
            // Where nothing is reconciled there is nothing to lead.
            if (controllers.Any()) metrics.LeaderStarted(() => leadership.State.IsLeader);
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
            Fail();
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        using var caches = new CancellationTokenSource();
        using var lastWrites = new CancellationTokenSource();
        var running = informers.Select(i => Task.Run(() => i.RunAsync(caches.Token), CancellationToken.None))
            .Append(Task.Run(() => events.RunAsync(caches.Token, lastWrites.Token), CancellationToken.None)).ToList();
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var working = WorkAsync(work.Token);
        try
        {
            // Nothing of these ends by itself: one that does has failed, and the others are not waited for.
            var failed = running.FirstFailureAsync();
            if (await Task.WhenAny(working, failed) == failed) await failed;
            else await working;
        }
        finally
        {
            await work.CancelAsync();
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lastWrites.CancelAfter(LastWrites);
            await caches.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        await SyncAsync(stopping);
        // Who only reads has nobody to elect, and reads on until it is told to stop.
        if (controllers.Any()) await LeadAsync(stopping);
        else await Task.Delay(Timeout.InfiniteTimeSpan, clock, stopping);
    }

    private async Task SyncAsync(CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll(informers.Select(i => i.WaitForSyncAsync(stopping))).WaitAsync(options.Value.CacheSyncTimeout, clock, stopping);
        }
        catch (TimeoutException e)
        {
            var missing = string.Join("; ", informers.Where(i => !i.HasSynced).Select(i => $"{i.Resource}: {i.LastError ?? "no answer"}"));
            throw new InvalidOperationException($"The caches were not complete within {options.Value.CacheSyncTimeout}. {missing}", e);
        }
    }

    private async Task LeadAsync(CancellationToken stopping)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var keepLease = new CancellationTokenSource();
        var elector = leadership as LeaderElector;
        // Not tied to the host's stopping: the lease is kept until the last worker has ended.
        var lost = elector?.RunAsync(keepLease.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, clock, keepLease.Token).ContinueWith(_ => false, TaskScheduler.Default);
        List<Task> workers = [];
        try
        {
            var elected = leadership.WaitForLeadershipAsync(stopping);
            if (await Task.WhenAny(elected, lost) == lost) throw new InvalidOperationException("The election ended before anybody was elected.", lost.Exception);
            await elected;
            workers = [.. controllers.Select(c => c.RunAsync(work.Token))];
            var failed = workers.FirstFailureAsync();
            if (await Task.WhenAny(lost, failed) == failed) await failed;
            else if (await lost) Fail();
        }
        finally
        {
            await work.CancelAsync();
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await keepLease.CancelAsync();
            await ((Task)lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (elector is not null)
            {
                using var limit = new CancellationTokenSource(LastWrites, clock);
                await elector.ReleaseAsync(limit.Token);
            }
        }
    }

    private void Fail()
    {
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    [LoggerMessage(501, LogLevel.Critical, "The operator cannot go on")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
