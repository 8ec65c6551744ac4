using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Prometheus;

namespace AiDc.Trainer.Serving.Telemetry;

/// <summary>A port for metrics alone: on the others they would be told to whoever may ask the model, through the gateway too.</summary>
internal static class MetricsPort
{
    private const string Path = "/metrics";

    /// <summary>Marks the connections that come to it.</summary>
    public static void Listen(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(Mark.Instance);
            return next(connection);
        });
    }

    public static bool Is(HttpContext http) => http.Features.Get<Mark>() is not null;

    public static void Answer(IApplicationBuilder branch, CollectorRegistry registry)
    {
        branch.UseMetricServer(Path, registry);
        branch.Run(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
