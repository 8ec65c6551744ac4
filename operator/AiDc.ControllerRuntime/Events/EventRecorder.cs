using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AiDc.ControllerRuntime.Client;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Events;

/// <summary>
/// Writes events behind the reconciles' backs: a bounded queue, of which the oldest fall out, and one writer that counts
/// repetitions in a series instead of writing each.
/// </summary>
public sealed partial class EventRecorder : IEventRecorder
{
    public const int Capacity = 1000;
    private const int MaxNoteLength = 1024;

    /// <summary>Between two writes of one series.</summary>
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(10);

    private readonly IKubernetesClient client;
    private readonly string controller;
    private readonly string instance;
    private readonly TimeProvider clock;
    private readonly RuntimeMetrics metrics;
    private readonly ILogger<EventRecorder> logger;
    private readonly Channel<PendingEvent> channel;
    private readonly SeriesTable table = new();
    private long sequence;
    private bool failing;

    /// <param name="controller">reportingController: the operator's name.</param>
    /// <param name="instance">reportingInstance: this replica.</param>
    public EventRecorder(
        IKubernetesClient client, string controller, string instance, TimeProvider clock, RuntimeMetrics metrics, ILogger<EventRecorder> logger)
    {
        (this.client, this.controller, this.clock, this.metrics, this.logger) = (client, controller, clock, metrics, logger);
        this.instance = instance.Length <= 128 ? instance : instance[..128];
        var options = new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        channel = Channel.CreateBounded<PendingEvent>(options, _ => metrics.EventDropped());
    }

    public void Publish(IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note)
    {
        var resource = ResourceType.Of(regarding.GetType());
        var reference = new V1ObjectReference
        {
            ApiVersion = resource.ApiVersion,
            Kind = resource.Kind,
            Name = regarding.Metadata.Name,
            NamespaceProperty = regarding.Metadata.NamespaceProperty,
            Uid = regarding.Metadata.Uid,
            ResourceVersion = regarding.Metadata.ResourceVersion,
        };
        var text = note.Length <= MaxNoteLength ? note : note[..(MaxNoteLength - 1)] + "…";
        channel.Writer.TryWrite(new(reference, type, reason, action, text, clock.GetUtcNow()));
    }

    /// <summary>Writes until cancelled, and then what is left, for as long as <paramref name="lastWrites"/> allows.</summary>
    public async Task RunAsync(CancellationToken ct, CancellationToken lastWrites = default)
    {
        var nextSweep = clock.GetUtcNow() + WriteInterval;
        while (!ct.IsCancellationRequested)
        {
            await WaitAsync(nextSweep - clock.GetUtcNow(), ct);
            await DrainAsync(lastWrites);
            if (clock.GetUtcNow() < nextSweep) continue;
            await SweepAsync(clock.GetUtcNow() - WriteInterval, lastWrites);
            nextSweep = clock.GetUtcNow() + WriteInterval;
        }
        await DrainAsync(lastWrites);
        await SweepAsync(DateTimeOffset.MaxValue, lastWrites);
    }

    private async Task WaitAsync(TimeSpan limit, CancellationToken ct)
    {
        if (limit <= TimeSpan.Zero) return;
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        try
        {
            await channel.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to sweep, or to end: the loop sees which.
            return;
        }
    }

    private async Task DrainAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested && channel.Reader.TryRead(out var e))
        {
            var key = table.KeyOf(e);
            if (table.Find(key) is { } series)
            {
                series.Count++;
                series.LastAt = e.At;
                if (e.At - series.WrittenAt >= WriteInterval) await WriteSeriesAsync(key, series, ct);
            }
            else await CreateAsync(key, e, ct);
        }
    }

    private async Task SweepAsync(DateTimeOffset before, CancellationToken ct)
    {
        foreach (var (key, series) in table.Unwritten(before)) await WriteSeriesAsync(key, series, ct);
        table.Forget(clock.GetUtcNow());
    }

    private async Task CreateAsync(SeriesKey key, PendingEvent e, CancellationToken ct)
    {
        var suffix = (e.At.UtcTicks + Interlocked.Increment(ref sequence)).ToString("x", CultureInfo.InvariantCulture);
        var stem = e.Regarding.Name.Length <= 230 ? e.Regarding.Name : e.Regarding.Name[..230];
        var name = new NamespacedName(e.Regarding.NamespaceProperty ?? "default", $"{stem}.{suffix}");
        var written = await TryAsync(
            () => client.CreateFastAsync(
                new Eventsv1Event
                {
                    Metadata = new() { Name = name.Name, NamespaceProperty = name.Namespace },
                    EventTime = MicroTime.Of(e.At),
                    ReportingController = controller,
                    ReportingInstance = instance,
                    Regarding = e.Regarding,
                    Type = e.Type.ToString(),
                    Reason = e.Reason,
                    Action = e.Action,
                    Note = e.Note,
                },
                ct));
        if (written) table.Start(key, new(name) { WrittenAt = e.At, LastAt = e.At });
    }

    private async Task WriteSeriesAsync(SeriesKey key, EventSeries series, CancellationToken ct)
    {
        var (count, at) = (series.Count, series.LastAt);
        var patch = new JsonObject { ["series"] = new JsonObject { ["count"] = count, ["lastObservedTime"] = MicroTime.Format(at) } };
        if (await TryAsync(() => client.PatchMergeAsync<Eventsv1Event>(series.Name, patch, ct)))
            (series.WrittenCount, series.WrittenAt) = (count, clock.GetUtcNow());
        else table.End(key); // Expired on the server, most likely: the next one begins anew.
    }

    private async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write();
            failing = false;
            return true;
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            metrics.EventDropped();
            if (!failing) LogFailed(logger, e.Message);
            failing = true;
            return false;
        }
    }

    [LoggerMessage(401, LogLevel.Warning, "An event could not be written and is dropped, as those that follow quietly are: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);
}
