using AiDc.Gateway.Configuration;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Hosting;

/// <summary>
/// The end of a gateway that nobody notices. It is not ready at once and serves on, until all who balance between gateways have heard of it;
/// each answer meanwhile asks for a new connection, which leads elsewhere. Only then Kestrel stops listening and waits for what is open.
/// </summary>
internal sealed partial class Drain(IOptions<GatewayOptions> options, TimeProvider clock, ILogger<Drain> logger) : IHostedLifecycleService, IHealthCheck
{
    private volatile bool draining;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Comes before any service of the host is stopped, Kestrel among them.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining = true;
        Draining(options.Value.DrainSeconds);
        await Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks the caller for a new connection, once this gateway is about to end.</summary>
    public void Tell(HttpContext context)
    {
        if (!draining) return;
        // HTTP/2 has no such header: there it is a GOAWAY, after which what is open is answered all the same.
        if (HttpProtocol.IsHttp2(context.Request.Protocol)) context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        else context.Response.OnStarting(static state => Close((HttpContext)state), context);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(draining ? HealthCheckResult.Unhealthy("this gateway is about to end") : HealthCheckResult.Healthy());

    private static Task Close(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    [LoggerMessage(3001, LogLevel.Information, "Asked to end: serving on for {Seconds} s, then until the last request is answered")]
    private partial void Draining(int seconds);
}
