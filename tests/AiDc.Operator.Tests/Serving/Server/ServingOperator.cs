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
using Microsoft.AspNetCore.Http;
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
    /// <param name="home">The namespace of the operator and its gateways.</param>
    public static async Task<ServingOperator> StartAsync(string ns, FaultProxy? through = null, string home = "aidc-system")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new TestLog());
        var services = builder.Services;
        services.AddSingleton(ServingPlane.Plane.Configuration(through?.Address));
        services.AddSingleton<IProgressBoard>(new BoardInMemory());
        services.Configure<OperatorOptions>(o => o.Namespace = home);
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

    /// <summary>Runs an operator that dies at one of its writes; or until it has done its work, where it makes fewer.</summary>
    /// <param name="served">Whether the server still gets to see the write at which it dies.</param>
    public static async Task LiveUntilAsync(string ns, int write, bool served, Func<Task> done)
    {
        await using var proxy = await FaultProxy.StartAsync(ServingPlane.Plane);
        var death = new TaskCompletionSource();
        var writes = 0;
        proxy.Next(
            request =>
            {
                if (!IsWrite(request) || Interlocked.Increment(ref writes) != write) return false;
                death.TrySetResult();
                return true;
            },
            served ? new Fault.LoseAnswer() : new Fault.Disconnect());
        // A dead operator makes no further write.
        proxy.Next(request => IsWrite(request) && Volatile.Read(ref writes) > write, new Fault.Disconnect(), int.MaxValue);
        await using var operatorToDie = await StartAsync(ns, proxy);
        await Task.WhenAny(death.Task, done());
        proxy.Disconnect();
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await host.StopAsync(limit.Token);
        host.Dispose();
    }

    // Events are told on a best effort and are no steps of a plan.
    private static bool IsWrite(HttpRequest request) =>
        request.Method != "GET" && !request.Path.Value!.Contains("/events", StringComparison.Ordinal);
}
