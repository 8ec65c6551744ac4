using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Tests.Training.Server;
using AiDc.Operator.Training;
using AiDc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>The serving controller as the operator runs it, over one namespace.</summary>
internal sealed class ServingOperator : IAsyncDisposable
{
    private static int number;

    private readonly IHost host;

    private ServingOperator(IHost host) => this.host = host;

    public LoadBoard Board => host.Services.GetRequiredService<LoadBoard>();

    /// <param name="through">The proxy that its requests go through; null for none.</param>
    public static async Task<ServingOperator> StartAsync(string ns, FaultProxy? through = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new TestLog());
        var services = builder.Services;
        services.AddSingleton(ServingPlane.Plane.Configuration(through?.Address));
        services.AddSingleton<IProgressBoard>(new BoardInMemory());
        services.Configure<OperatorOptions>(o => o.Namespace = "aidc-system");
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
            .AddTraining(workers: 2)
            .AddServing(workers: 2);
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await host.StopAsync(limit.Token);
        host.Dispose();
    }
}
