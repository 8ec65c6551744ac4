using System.Diagnostics.Metrics;
using System.Globalization;
using AiDc.Api;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Attempts;
using AiDc.Gateway.Bodies;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Routing;
using AiDc.Gateway.Services;

namespace AiDc.Gateway.Observability;

/// <summary>What passes through the gateway, as instruments. A service is a label, as nobody can watch services that are added up; a pod never is.</summary>
internal sealed class GatewayMetrics
{
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = LatencyBuckets.Bounds };

    private readonly Counter<long> requests, retries, refusals, ejections;
    private readonly Histogram<double> requestSeconds, waitSeconds;
    private readonly Meter meter;

    public GatewayMetrics(IMeterFactory factory)
    {
        meter = factory.Create(KubernetesOperatorOptions.DefaultMeterName);
        requests = meter.CreateCounter<long>("gateway_requests_total", null, "Requests by service and status code.");
        requestSeconds = meter.CreateHistogram("gateway_request_seconds", "s", "From a request's arrival to the end of its answer, by service.", null, Seconds);
        waitSeconds = meter.CreateHistogram("gateway_wait_seconds", "s", "Time that requests waited for a replica, of those that waited, by service.", null, Seconds);
        retries = meter.CreateCounter<long>("gateway_retries_total", null, "Requests sent to another replica, by what happened with the one before.");
        refusals = meter.CreateCounter<long>("gateway_refusals_total", null, "Requests that the gateway answered itself, by reason.");
        ejections = meter.CreateCounter<long>("gateway_ejections_total", null, "Replicas taken out, by what was found.");
    }

    /// <summary>What is read when somebody asks.</summary>
    public void Observe(ServiceTable table, BodyBudget bodies, Func<bool> demandConnected)
    {
        meter.CreateObservableGauge("gateway_body_bytes", () => bodies.Used, "By", "Memory that requests' bodies take.");
        meter.CreateObservableGauge("gateway_waiting", () => Each(table, load => load.Waiting), null, "Requests that wait for a replica, by service.");
        meter.CreateObservableGauge("gateway_in_flight", () => Each(table, load => load.Revisions.Sum(r => (int)r.InFlight)), null,
            "Requests at replicas and not answered, by service.");
        meter.CreateObservableGauge("gateway_demand_connected", () => demandConnected() ? 1 : 0, null, "1 while the operator's leader hears of the demand here.");
    }

    /// <param name="service">Null for requests of no service.</param>
    public void Requested(NamespacedName? service, int status, TimeSpan took, TimeSpan waited)
    {
        var label = new KeyValuePair<string, object?>("service", service?.ToString() ?? "");
        requests.Add(1, label, new("code", status.ToString(CultureInfo.InvariantCulture)));
        if (service is null) return;
        requestSeconds.Record(took.TotalSeconds, label);
        if (waited > TimeSpan.Zero) waitSeconds.Record(waited.TotalSeconds, label);
    }

    public void Retried(AttemptEnd after) => retries.Add(1, new KeyValuePair<string, object?>("after", after.ToString().ToLowerInvariant()));

    public void Refused(string reason) => refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Ejected(ProbeOutcome found) => ejections.Add(1, new KeyValuePair<string, object?>("found", found.ToString().ToLowerInvariant()));

    private static IEnumerable<Measurement<int>> Each(ServiceTable table, Func<DispatcherLoad, int> value) =>
        from service in table.All
        let config = service.Config
        where config is not null
        select new Measurement<int>(value(service.Dispatcher.Load()), new KeyValuePair<string, object?>("service", config.Name.ToString()));
}
