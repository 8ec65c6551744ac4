using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Caching;

/// <summary>
/// Keeps a store like the API server by list and watch, and tells subscribers what changed. What to do after each list
/// and watch is decided by <see cref="InformerDecision"/>; here it is done.
/// </summary>
public sealed partial class ResourceInformer<T> : IInformer, IStore<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<StoreEvent<T>>> handlers = [];
    private readonly ResourceType type = ResourceType.Of<T>();
    private readonly InformerOptions<T> options;
    private readonly InformerTiming timing;
    private readonly ApiTransport transport;
    private readonly RuntimeMetrics metrics;
    private readonly TimeProvider clock;
    private readonly Func<double> random;
    private readonly ILogger<ResourceInformer<T>> logger;
    private readonly Store<T> store;
    private readonly JsonTypeInfo<T> typeInfo;
    private readonly JsonTypeInfo<ListPage<T>> pageInfo;
    private long lastContact;
    private volatile string? resourceVersion;

    public ResourceInformer(
        InformerOptions<T> options, InformerTiming timing, KubernetesApiClient client, RuntimeMetrics metrics, TimeProvider clock,
        Jitter jitter, ILogger<ResourceInformer<T>> logger)
    {
        (this.options, this.timing, this.metrics, this.clock, this.logger) = (options, timing, metrics, clock, logger);
        transport = client.Transport;
        random = jitter.Next;
        store = new(options.Indexes);
        typeInfo = options.TypeInfo ?? RuntimeJson.TypeInfo<T>();
        pageInfo = ListPage<T>.TypeInfo(typeInfo);
    }

    public string Resource => type.Plural;

    public Type ObjectType => typeof(T);

    public DateTimeOffset? LastContact =>
        Interlocked.Read(ref lastContact) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public string? LastError { get; private set; }

    public int Count => store.Count;

    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    public string? ResourceVersion => resourceVersion;

    public T? Get(NamespacedName name) => store.Get(name);

    public IReadOnlyList<T> List() => store.List();

    public IReadOnlyList<T> ListNamespace(string ns) => store.ListNamespace(ns);

    public IReadOnlyList<T> ByIndex(string index, string key) => store.ByIndex(index, key);

    /// <summary>Calls the handler with every change. Before the informer runs; the handler must not block or throw.</summary>
    public void Subscribe(Action<StoreEvent<T>> handler) => handlers.Add(handler);

    public Task WaitForSyncAsync(CancellationToken ct) => synced.Task.WaitAsync(ct);

    public async Task RunAsync(CancellationToken ct)
    {
        metrics.InformerStarted(Resource, () => store.Count);
        var decision = InformerDecision.Start;
        var last = InformerOutcomeKind.Listed;
        while (decision.Step != InformerStep.Stop)
        {
            var outcome = await DoAsync(decision, ct);
            decision = decision.Next(outcome, random());
            Report(outcome.Kind, last, decision);
            last = outcome.Kind;
        }
    }

    private async Task<InformerOutcome> DoAsync(InformerDecision decision, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        var progress = new WatchProgress();
        try
        {
            if (decision.Delay > TimeSpan.Zero) await Task.Delay(decision.Delay, clock, ct);
            start = clock.GetTimestamp();
            if (decision.Step == InformerStep.Watch) return await WatchAsync(progress, start, ct);
            await ListAsync(decision.Step, ct);
            return new(InformerOutcomeKind.Listed);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return new(InformerOutcomeKind.Cancelled);
        }
        catch (Exception e)
        {
            LastError = e.Message;
            return new(Classify(e), clock.GetElapsedTime(start), progress.Events, (e as ApiException)?.RetryAfter);
        }
    }

    private static InformerOutcomeKind Classify(Exception e) => e switch
    {
        ApiException { IsExpired: true } or ApiException { IsVersionTooLarge: true } => InformerOutcomeKind.VersionRefused,
        ApiException { Code: HttpStatusCode.TooManyRequests } => InformerOutcomeKind.Throttled,
        ApiException { Code: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound } => InformerOutcomeKind.Denied,
        // A line that is no JSON; lists translate theirs, since a list cut short is an interrupted list.
        JsonException => InformerOutcomeKind.Undecodable,
        _ => InformerOutcomeKind.Failed,
    };

    private async Task ListAsync(InformerStep step, CancellationToken ct)
    {
        var consistent = step == InformerStep.ListConsistent;
        var version = consistent ? null : step == InformerStep.ListCached ? "0" : resourceVersion ?? "0";
        // With a version and a limit old servers bypass their cache and take the version for an exact one.
        var request = new ListRequest(options.LabelSelector, options.FieldSelector, consistent ? timing.PageSize : 0);
        ListResult<T> list;
        try
        {
            list = await ListPages.ReadAsync(transport, pageInfo, options.Namespace, request, version, timing.ListTimeout, ct);
        }
        catch (ApiException e) when (consistent && e.IsExpired)
        {
            // The pages took longer than the server keeps old versions: ask for all at once.
            list = await ListPages.ReadAsync(transport, pageInfo, options.Namespace, request with { PageSize = 0 }, null, timing.ListTimeout, ct);
        }
        Touch();
        metrics.Listed(Resource);
        var changes = store.Replace(list.Items.Select(Shape), isInitial: !HasSynced);
        resourceVersion = list.ResourceVersion;
        foreach (var change in changes) Emit(change);
        if (synced.TrySetResult()) LogSynced(logger, Resource, store.Count);
    }

    private async Task<InformerOutcome> WatchAsync(WatchProgress progress, long start, CancellationToken ct)
    {
        var length = timing.ShortestWatch + ((timing.LongestWatch - timing.ShortestWatch) * random());
        using var deadline = new CancellationTokenSource(length + timing.Grace, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            var call = new ApiCall(HttpMethod.Get, "watch", type, WatchPath(length));
            using var response = await transport.OpenAsync(call, either.Token);
            Touch();
            LastError = null;
            using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            await new WatchStream(stream).ReadAsync(line => OnLine(line.Span, progress), either.Token);
        }
        catch (Exception e) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            LogOverdue(logger, Resource, length + timing.Grace);
        }
        return new(InformerOutcomeKind.Ended, clock.GetElapsedTime(start), progress.Events);
    }

    private bool OnLine(ReadOnlySpan<byte> line, WatchProgress progress)
    {
        Touch();
        var kind = WatchLine.Read(line, out var json);
        if (kind == WatchLineKind.Error) throw InStreamError(json);
        progress.Events++;
        metrics.Watched(Resource);
        if (kind == WatchLineKind.Bookmark)
        {
            resourceVersion = ReceiptReader.ReadResourceVersion(json) ?? resourceVersion;
            return true;
        }
        var value = Shape(JsonSerializer.Deserialize(json, typeInfo) ?? throw new JsonException("An event of a watch has no object."));
        var change = kind == WatchLineKind.Deleted ? store.Remove(value) : store.Upsert(value);
        // Only now: who waits for this version then finds it in the store.
        resourceVersion = value.Metadata.ResourceVersion;
        if (change is { } happened) Emit(happened);
        return true;
    }

    private ApiException InStreamError(ReadOnlySpan<byte> json)
    {
        var status = JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<V1Status>());
        var retryAfter = status?.Details?.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return new((HttpStatusCode)(status?.Code ?? 500), status, $"watch of {Resource}", retryAfter);
    }

    private string WatchPath(TimeSpan length)
    {
        var path = new StringBuilder(type.Path(options.Namespace)).Append("?watch=true&allowWatchBookmarks=true&resourceVersion=").Append(resourceVersion)
            .Append("&timeoutSeconds=").Append(Math.Max(1, (int)length.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        if (options.LabelSelector is { } labels) path.Append("&labelSelector=").Append(Uri.EscapeDataString(labels));
        if (options.FieldSelector is { } fields) path.Append("&fieldSelector=").Append(Uri.EscapeDataString(fields));
        return path.ToString();
    }

    // Items of a list carry no kind and events do: made alike, so that a relist is no change.
    private T Shape(T value) => ResourceType.Fill(options.Transform is { } transform ? transform(value) : value);

    private void Emit(StoreEvent<T> change)
    {
        foreach (var handler in handlers)
        {
            try
            {
                handler(change);
            }
            catch (Exception e)
            {
                // One map that fails must not cost the others their event, nor the store its watch.
                LogHandlerFailed(logger, e, Resource, NamespacedName.Of(change.Value));
            }
        }
    }

    private void Touch() => Interlocked.Exchange(ref lastContact, clock.GetUtcNow().UtcTicks);

    private void Report(InformerOutcomeKind now, InformerOutcomeKind before, InformerDecision next)
    {
        if (now is InformerOutcomeKind.Listed or InformerOutcomeKind.Cancelled) return;
        if (now is InformerOutcomeKind.Ended or InformerOutcomeKind.VersionRefused || now == before)
            LogStep(logger, Resource, now, next.Step, next.Delay);
        else
            LogTrouble(logger, Resource, now, LastError, next.Step, next.Delay);
    }

    private sealed class WatchProgress
    {
        public int Events { get; set; }
    }

    [LoggerMessage(101, LogLevel.Information, "Cache of {Resource} is complete: {Count} objects")]
    private static partial void LogSynced(ILogger logger, string resource, int count);

    [LoggerMessage(102, LogLevel.Debug, "Watch of {Resource}: {Outcome}; next {Step} in {Delay}")]
    private static partial void LogStep(ILogger logger, string resource, InformerOutcomeKind outcome, InformerStep step, TimeSpan delay);

    [LoggerMessage(103, LogLevel.Warning, "Cache of {Resource} is not kept up to date: {Outcome}: {Error}; next {Step} in {Delay}, then quietly")]
    private static partial void LogTrouble(
        ILogger logger, string resource, InformerOutcomeKind outcome, string? error, InformerStep step, TimeSpan delay);

    [LoggerMessage(104, LogLevel.Warning, "Watch of {Resource} did not end within {Limit}: the connection hung")]
    private static partial void LogOverdue(ILogger logger, string resource, TimeSpan limit);

    [LoggerMessage(105, LogLevel.Error, "A handler failed on a change of {Resource} {Name}")]
    private static partial void LogHandlerFailed(ILogger logger, Exception e, string resource, NamespacedName name);
}
