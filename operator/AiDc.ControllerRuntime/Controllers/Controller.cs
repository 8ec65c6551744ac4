using System.Globalization;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Queues;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Takes requests from a queue and has them reconciled; the one place where errors are classified and logged.</summary>
public sealed partial class Controller : IDisposable
{
    private readonly IReconciler reconciler;
    private readonly ControllerSettings settings;
    private readonly TimeSpan timeout;
    private readonly ConsistencyStore consistency;
    private readonly RuntimeMetrics metrics;
    private readonly TimeProvider clock;
    private readonly Func<double> random;
    private readonly ILogger logger;
    private readonly WorkQueue<Request> queue;
    private readonly Backoff<Request> backoff;
    private long reconciles;

    public Controller(
        IReconciler reconciler, ControllerSettings settings, TimeSpan defaultTimeout, ConsistencyStore consistency, RuntimeMetrics metrics,
        TimeProvider clock, Jitter jitter, ILogger logger)
    {
        (this.reconciler, this.settings, this.consistency, this.metrics) = (reconciler, settings, consistency, metrics);
        (this.clock, this.logger, random) = (clock, logger, jitter.Next);
        timeout = settings.Timeout ?? defaultTimeout;
        queue = new(clock);
        backoff = new(clock, random);
    }

    public string Name => settings.Name;

    /// <summary>Age of the oldest reconcile that runs: far above the time-out, a reconciler ignores its token.</summary>
    public TimeSpan LongestRunning => queue.LongestRunning;

    public TimeSpan Timeout => timeout;

    public int Depth => queue.Depth;

    public void Enqueue(Request request, bool lowPriority)
    {
        metrics.Added(Name);
        queue.Add(request, lowPriority);
    }

    public void EnqueueAfter(Request request, TimeSpan delay)
    {
        metrics.Added(Name);
        queue.AddAfter(request, delay);
    }

    /// <summary>Works until cancelled, and then until what has begun has ended. A worker that fails ends them all.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        metrics.ControllerStarted(Name, () => queue.Depth, () => queue.LongestRunning.TotalSeconds, () => queue.Delayed);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var workers = Enumerable.Range(0, settings.Workers).Select(_ => Task.Run(() => WorkAsync(stop.Token), CancellationToken.None)).ToList();
        try
        {
            await workers.FirstFailureAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => queue.Dispose();

    private async Task WorkAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Request request;
            try
            {
                (request, var waited) = await queue.GetAsync(ct);
                metrics.Waited(Name, waited);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            try
            {
                await ProcessAsync(request, ct);
            }
            finally
            {
                queue.Done(request);
            }
        }
    }

    private async Task ProcessAsync(Request request, CancellationToken ct)
    {
        if (!consistency.IsReady(new(settings.Kind, request.Name)))
        {
            queue.AddAfter(request, TimeSpan.FromMilliseconds(50 + (random() * 200)));
            return;
        }
        var id = Interlocked.Increment(ref reconciles).ToString(CultureInfo.InvariantCulture);
        using var scope = logger.BeginScope(new KeyValuePair<string, object>[]
        {
            new("controller", Name), new("key", request.Name), new("reconcileId", id),
        });
        var start = clock.GetTimestamp();
        var (outcome, result, error) = await ReconcileAsync(request, ct);
        if (outcome == ReconcileOutcome.Stopped) return;
        metrics.Reconciled(Name, outcome.ToString().ToLowerInvariant(), clock.GetElapsedTime(start));
        Settle(request, outcome, result, error);
    }

    private async Task<(ReconcileOutcome Outcome, Result Result, Exception? Error)> ReconcileAsync(Request request, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            var result = await reconciler.ReconcileAsync(request, either.Token);
            return (ReconcileOutcomes.Of(result), result, null);
        }
        catch (Exception e)
        {
            return (ReconcileOutcomes.Of(e, ct.IsCancellationRequested, deadline.IsCancellationRequested), default, e);
        }
    }

    private void Settle(Request request, ReconcileOutcome outcome, Result result, Exception? error)
    {
        switch (outcome)
        {
            case ReconcileOutcome.Done:
                backoff.Forget(request);
                break;
            case ReconcileOutcome.Requeue:
                backoff.Forget(request);
                queue.AddAfter(request, result.RequeueAfter!.Value);
                break;
            case ReconcileOutcome.Terminal:
                backoff.Forget(request);
                LogTerminal(logger, error, Name, request);
                break;
            default:
                var delay = backoff.Next(request);
                metrics.Retried(Name);
                queue.AddAfter(request, delay);
                if (outcome == ReconcileOutcome.Conflict) LogConflict(logger, Name, request, error!.Message, delay);
                else if (outcome == ReconcileOutcome.Timeout) LogTimeout(logger, Name, request, timeout, delay);
                else LogFailed(logger, error, Name, request, backoff.Failures(request), delay);
                break;
        }
    }

    [LoggerMessage(201, LogLevel.Debug, "{Controller}: {Key} was changed by somebody else, again in {Delay}: {Error}")]
    private static partial void LogConflict(ILogger logger, string controller, Request key, string error, TimeSpan delay);

    [LoggerMessage(202, LogLevel.Warning, "{Controller}: {Key} took longer than {Limit}, again in {Delay}")]
    private static partial void LogTimeout(ILogger logger, string controller, Request key, TimeSpan limit, TimeSpan delay);

    [LoggerMessage(203, LogLevel.Error, "{Controller}: {Key} failed {Failures} times in a row, again in {Delay}")]
    private static partial void LogFailed(ILogger logger, Exception? e, string controller, Request key, int failures, TimeSpan delay);

    [LoggerMessage(204, LogLevel.Error, "{Controller}: {Key} cannot succeed until it is changed")]
    private static partial void LogTerminal(ILogger logger, Exception? e, string controller, Request key);
}
