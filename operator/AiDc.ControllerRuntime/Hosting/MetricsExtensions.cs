using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;

namespace AiDc.ControllerRuntime.Hosting;

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
