using System.Diagnostics.Metrics;
using System.Globalization;

namespace AiDc.ControllerRuntime;

/// <summary>
/// All instruments of the runtime. An exporter puts the meter's name in front, so that <c>reconcile_total</c> of the meter
/// <c>aidc</c> is exported as <c>aidc_reconcile_total</c>. Times are seconds. Labels are bounded: never names of objects.
/// </summary>
public sealed class RuntimeMetrics : IDisposable
{
    private static readonly InstrumentAdvice<double> Short = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private readonly Meter meter;
    private readonly Counter<long> reconciles, retries, adds, apiRequests, apiRetries, relists, watchEvents, eventsDropped;
    private readonly Histogram<double> reconcileSeconds, queueSeconds, apiSeconds;

    public RuntimeMetrics(IMeterFactory meters, string meterName = "aidc")
    {
        meter = meters.Create(meterName);
        reconciles = meter.CreateCounter<long>("reconcile_total", null, "Reconciles by controller and result.");
        reconcileSeconds = meter.CreateHistogram("reconcile_seconds", "s", "Time a reconcile took.", null, Short);
        adds = meter.CreateCounter<long>("workqueue_adds_total", null, "Requests put into the queue.");
        retries = meter.CreateCounter<long>("workqueue_retries_total", null, "Requests put back after a failure.");
        queueSeconds = meter.CreateHistogram("workqueue_wait_seconds", "s", "Time a request waited for a worker.", null, Short);
        apiRequests = meter.CreateCounter<long>("api_requests_total", null, "Requests to the API server; code 0: not answered.");
        apiSeconds = meter.CreateHistogram("api_request_seconds", "s", "Time to the head of the API server's answer.", null, Short);
        apiRetries = meter.CreateCounter<long>("api_retries_total", null, "Requests to the API server that were sent again.");
        relists = meter.CreateCounter<long>("informer_lists_total", null, "Complete lists that an informer fetched.");
        watchEvents = meter.CreateCounter<long>("informer_events_total", null, "Events that watches delivered.");
        eventsDropped = meter.CreateCounter<long>("events_dropped_total", null, "Kubernetes Events that were not written.");
    }

    /// <summary>Reported for each controller from the start, so that a rate over it needs no first failure.</summary>
    public static readonly IReadOnlyList<string> Results = ["done", "requeue", "conflict", "error", "terminal", "timeout"];

    public void ControllerStarted(string controller, Func<int> depth, Func<double> longestRunningSeconds, Func<int> delayed)
    {
        foreach (var result in Results) reconciles.Add(0, new("controller", controller), new("result", result));
        var label = new KeyValuePair<string, object?>("controller", controller);
        meter.CreateObservableGauge("workqueue_depth", () => new Measurement<int>(depth(), label), null, "Requests that wait for a worker.");
        meter.CreateObservableGauge("workqueue_delayed", () => new Measurement<int>(delayed(), label), null, "Requests that wait for their time.");
        meter.CreateObservableGauge(
            "workqueue_longest_running_seconds", () => new Measurement<double>(longestRunningSeconds(), label), "s", "Age of the oldest running reconcile.");
    }

    public void LeaderStarted(Func<bool> isLeader) =>
        meter.CreateObservableGauge("leader", () => isLeader() ? 1 : 0, null, "1 while this replica leads.");

    public void InformerStarted(string resource, Func<int> count) =>
        meter.CreateObservableGauge(
            "informer_objects", () => new Measurement<int>(count(), new KeyValuePair<string, object?>("resource", resource)), null, "Objects in the cache.");

    public void Reconciled(string controller, string result, TimeSpan took)
    {
        reconciles.Add(1, new("controller", controller), new("result", result));
        reconcileSeconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("controller", controller));
    }

    public void Added(string controller) => adds.Add(1, new KeyValuePair<string, object?>("controller", controller));

    public void Retried(string controller) => retries.Add(1, new KeyValuePair<string, object?>("controller", controller));

    public void Waited(string controller, TimeSpan time) =>
        queueSeconds.Record(time.TotalSeconds, new KeyValuePair<string, object?>("controller", controller));

    public void ApiRequested(string verb, string resource, int code, TimeSpan took)
    {
        apiRequests.Add(1, new("verb", verb), new("resource", resource), new("code", code.ToString(CultureInfo.InvariantCulture)));
        apiSeconds.Record(took.TotalSeconds, new("verb", verb), new("resource", resource));
    }

    public void ApiRetried(string verb, string resource) => apiRetries.Add(1, new("verb", verb), new("resource", resource));

    public void Listed(string resource) => relists.Add(1, new KeyValuePair<string, object?>("resource", resource));

    public void Watched(string resource) => watchEvents.Add(1, new KeyValuePair<string, object?>("resource", resource));

    public void EventDropped() => eventsDropped.Add(1);

    public void Dispose() => meter.Dispose();
}
