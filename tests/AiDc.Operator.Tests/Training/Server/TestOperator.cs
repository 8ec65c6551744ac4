using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using AiDc.Operator.Training;
using AiDc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>The training controller as the operator runs it, over one namespace.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private static int number;

    private readonly IHost host;

    private TestOperator(IHost host, BoardInMemory board) => (this.host, Board) = (host, board);

    public BoardInMemory Board { get; }

    /// <param name="through">The proxy that its requests go through; null for none.</param>
    /// <param name="gangs">What it hears of distributed gangs; null for nothing.</param>
    public static async Task<TestOperator> StartAsync(string ns, FaultProxy? through = null, IGangBoard? gangs = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new TestLog());
        var board = new BoardInMemory();
        var services = builder.Services;
        services.AddSingleton(TrainingPlane.Plane.Configuration(through?.Address));
        services.AddSingleton<IProgressBoard>(board);
        if (gangs is not null) services.AddSingleton(gangs);
        services.Configure<OperatorOptions>(o => o.AllowedHostPaths.Add("/srv/aidc"));
        services.AddKubernetesOperator(o =>
            {
                o.Name = "aidc-operator";
                o.Identity = $"operator-{Interlocked.Increment(ref number)}";
                o.WatchNamespace = ns;
                o.LeaderElection = false;
            })
            .AddInformer<TrainingJob>()
            .AddPods()
            .AddNodes()
            .AddTraining(workers: 4);
        var host = builder.Build();
        await host.StartAsync();
        return new(host, board);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await host.StopAsync(limit.Token);
        host.Dispose();
    }
}
