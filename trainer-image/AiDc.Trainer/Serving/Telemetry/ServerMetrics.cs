using System.Diagnostics.Metrics;

namespace AiDc.Trainer.Serving.Telemetry;

/// <summary>The server's instruments. No label names a model, a pod or a client.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The exporter puts it in front of each instrument's name.</summary>
    public const string MeterName = "aidc";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<double> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _batchSize;
    private readonly Histogram<double> _compute;
    private readonly Histogram<double> _request;

    public ServerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("server_requests_total", null, "Inference requests that are over, by HTTP status or what corresponds to it.");
        meter.CreateObservableGauge("server_queue_length", () => QueueLength(), null, "Requests that wait to be let in or for the model.");
        meter.CreateObservableGauge("server_in_flight", () => InFlight(), null, "Requests that are let in and not answered.");
        _batchSize = meter.CreateHistogram("server_batch_size", null, "Samples that the model computed at once.", [], Sizes);
        _compute = meter.CreateHistogram("server_compute_seconds", "s", "Time that the model took for a batch.", [], Seconds);
        _request = meter.CreateHistogram("server_request_seconds", "s", "Time from a request's arrival to its answer.", [], Seconds);
        _requests.Add(0, new KeyValuePair<string, object?>("code", "200"));
    }

    /// <summary>Set by who knows.</summary>
    public Func<int> QueueLength { get; set; } = () => 0;

    public Func<int> InFlight { get; set; } = () => 0;

    public void Computed(TimeSpan duration, int rows)
    {
        _compute.Record(duration.TotalSeconds);
        _batchSize.Record(rows);
    }

    public void Answered(int code, TimeSpan duration)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("code", code == 200 ? "200" : code.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        _request.Record(duration.TotalSeconds);
    }
}
