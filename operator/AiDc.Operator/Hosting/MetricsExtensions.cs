using Prometheus;

namespace AiDc.Operator.Hosting;

/// <summary>Puts the meters of this host, behind /metrics.</summary>
internal static class MetricsExtensions
{
    public static IServiceCollection AddOperatorMetrics(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MetricsExporter>();
        // Started before anything else, so that no increment is missed.
        services.AddHostedService(s => s.GetRequiredService<MetricsExporter>());
        return services;
    }

    public static void MapOperatorMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapMetrics("/metrics", routes.ServiceProvider.GetRequiredService<MetricsExporter>().Registry);
}
