using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>One line a change of state: JSON in a cluster, where machines read it; text elsewhere.</summary>
public static class LoggingExtensions
{
    /// <param name="levelKey">The key of the configuration that holds the least severe level written.</param>
    public static void AddClusterLogging(this WebApplicationBuilder builder, string levelKey)
    {
        var logging = builder.Logging;
        logging.ClearProviders();
        if (KubernetesClientConfiguration.IsInCluster())
            logging.AddJsonConsole(json =>
            {
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                json.UseUtcTimestamp = true;
                json.IncludeScopes = false;
            });
        else
            logging.AddSimpleConsole(text =>
            {
                text.TimestampFormat = "HH:mm:ss.fff ";
                text.SingleLine = true;
                text.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        // The libraries below log each request; what matters of it is in the metrics.
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        // Whoever asks for readiness is told why not; not ready yet is no failure.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddOptions<LoggerFilterOptions>()
            .Configure<IConfiguration>((filters, configuration) => filters.MinLevel =
                configuration.GetValue(levelKey, LogLevel.Information));
    }
}
