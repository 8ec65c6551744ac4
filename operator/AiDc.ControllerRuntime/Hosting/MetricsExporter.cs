using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Prometheus;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>prometheus-net's adapter over the meters of one host, in a registry of its own: two hosts in a process do not mix.</summary>
internal sealed class MetricsExporter(IMeterFactory meters, IOptions<KubernetesOperatorOptions> options) : IHostedService, IDisposable
{
    private IDisposable? adapter;

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        adapter = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = Registry,
            MetricFactory = Metrics.WithCustomRegistry(Registry),
            // The longest there is: by default a counter that is silent for five minutes starts anew from zero.
            MetricsExpireAfter = TimeSpan.FromDays(1),
            InstrumentFilterPredicate = instrument =>
                ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == options.Value.MeterName,
            ResolveHistogramBuckets = Buckets,
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => adapter?.Dispose();

    private static double[] Buckets(Instrument instrument) =>
        (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { Count: > 0 } advised
            ? [.. advised] : Histogram.ExponentialBuckets(0.001, 2, 16);
}

/// <summary>Puts the meters of this host, behind /metrics.</summary>
public static class MetricsExtensions
{
    public static IServiceCollection AddMetricsExporter(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MetricsExporter>();
        // Started before anything else, so that no increment is missed.
        services.AddHostedService(s => s.GetRequiredService<MetricsExporter>());
        return services;
    }

    public static void MapMetricsExporter(this IEndpointRouteBuilder routes) =>
        routes.MapMetrics("/metrics", routes.ServiceProvider.GetRequiredService<MetricsExporter>().Registry);
}
