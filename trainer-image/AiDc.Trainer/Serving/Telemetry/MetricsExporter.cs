using System.Diagnostics.Metrics;
using Prometheus;

namespace AiDc.Trainer.Serving.Telemetry;

/// <summary>prometheus-net's adapter over the meters of one server, in a registry of its own: two servers in a process do not mix.</summary>
internal sealed class MetricsExporter : IDisposable
{
    private readonly IDisposable _adapter;

    public MetricsExporter(IMeterFactory meters)
    {
        _adapter = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = Registry,
            MetricFactory = Metrics.WithCustomRegistry(Registry),
            // The longest there is: by default a counter that is silent for five minutes starts anew from zero.
            MetricsExpireAfter = TimeSpan.FromDays(1),
            InstrumentFilterPredicate = instrument => ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == ServerMetrics.MeterName,
            ResolveHistogramBuckets = instrument => [.. ((Histogram<double>)instrument).Advice!.HistogramBucketBoundaries!],
        });
    }

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    public void Dispose() => _adapter.Dispose();
}
