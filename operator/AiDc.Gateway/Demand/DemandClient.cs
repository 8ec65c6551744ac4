using AiDc.ControllerRuntime;
using AiDc.Gateway.Configuration;
using AiDc.Gateway.Services;
using AiDc.Serving.V1;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Demand;

/// <summary>Tells the operator's leader what there is to do here, and finds it again whatever becomes of the operator's replicas.</summary>
internal sealed partial class DemandClient(
    IOptions<GatewayOptions> options, ServiceTable table, DemandWake wake, Jitter random, TimeProvider clock, ILogger<DemandClient> logger) : BackgroundService
{
    private volatile bool connected;
    private string? said;

    /// <summary>The operator's leader hears of the demand here.</summary>
    public bool IsConnected => connected;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var o = options.Value;
        if (!Uri.TryCreate(o.OperatorAddress, UriKind.Absolute, out var home))
        {
            NoOperator();
            return;
        }
        var stream = new DemandStream($"{o.PodName}/{o.PodUid}", o.OperatorCaFile, o.OperatorTokenFile, Load, wake, clock);
        var dial = new Dial(home, TimeSpan.Zero, 0, 0);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(dial.After, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var end = await stream.RunAsync(dial.Address, () => Welcomed(dial.Address), stoppingToken);
            connected = false;
            if (stoppingToken.IsCancellationRequested) return;
            Say(end);
            dial = ReconnectPolicy.Next(dial, end, home, random.Next());
        }
    }

    private Load Load() => LoadBuilder.Build(
        from service in table.All
        let config = service.Config
        where config is not null
        select (config.Name, service.Dispatcher.Load()));

    private void Welcomed(Uri address)
    {
        connected = true;
        said = null;
        Connected(address.Authority);
    }

    /// <summary>Once a change, not once an attempt.</summary>
    private void Say(SessionEnd end)
    {
        var line = end switch
        {
            SessionEnd.Refused refused => refused.Reason,
            SessionEnd.Lost lost => lost.Why,
            _ => null,
        };
        if (line is null || line == said) return;
        said = line;
        Disconnected(line);
    }

    [LoggerMessage(3301, LogLevel.Information, "The operator's leader at {Address} hears of the demand here")]
    private partial void Connected(string address);

    [LoggerMessage(3302, LogLevel.Warning, "The operator does not hear of the demand here: {Why}; requests are served, but nothing is scaled by them until it does")]
    private partial void Disconnected(string why);

    [LoggerMessage(3303, LogLevel.Warning,
        "No operator is known, so nobody hears of the demand here and nothing is scaled by it: set Gateway:OperatorAddress (environment variable Gateway__OperatorAddress)")]
    private partial void NoOperator();
}
