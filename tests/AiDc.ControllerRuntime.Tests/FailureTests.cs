using System.Diagnostics.Metrics;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Hosting;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>One of several tasks fails while the others go on: it is seen at once, and the process ends for Kubernetes to start it anew.</summary>
public sealed class FailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [TearDown]
    public void ForgetTheExitCode() => Environment.ExitCode = 0;

    [Test]
    public void A_worker_that_fails_ends_its_controller_though_the_other_workers_are_well()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new RuntimeMetrics(services.GetRequiredService<IMeterFactory>(), "test");
        var consistency = new ConsistencyStore(_ => null, TimeProvider.System);
        using var controller = new Controller(
            new Idle(), new("maps", typeof(V1ConfigMap), 2, null), Patience, consistency, metrics, TimeProvider.System, new(7), new BrokenLog());
        using var stop = new CancellationTokenSource();

        var run = controller.RunAsync(stop.Token);
        controller.Enqueue(new(new NamespacedName("ns", "a")), lowPriority: false);

        Assert.That(async () => await run.WaitAsync(Patience, TimeProvider.System), Throws.InvalidOperationException.With.Message.EqualTo("no log"));
    }

    [Test]
    public async Task A_cache_that_fails_ends_the_process_though_the_other_caches_are_well()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        builder.Services.AddSingleton<IInformer>(new Cache(Fails: false)).AddSingleton<IInformer>(new Cache(Fails: true));
        builder.Services.AddKubernetesOperator(o => (o.Name, o.Identity, o.LeaderElection) = ("tests", "a", false));
        using var host = builder.Build();
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopping.TrySetResult());

        await host.StartAsync();
        await stopping.Task.WaitAsync(Patience, TimeProvider.System);

        Assert.That(Environment.ExitCode, Is.EqualTo(1));
        await host.StopAsync();
    }

    private sealed record Cache(bool Fails) : IInformer
    {
        public Type ObjectType => typeof(V1ConfigMap);

        public string Resource => "configmaps";

        public string? ResourceVersion => "1";

        public bool HasSynced => true;

        public int Count => 0;

        public DateTimeOffset? LastContact => null;

        public string? LastError => null;

        public Task WaitForSyncAsync(CancellationToken ct) => Task.CompletedTask;

        public async Task RunAsync(CancellationToken ct)
        {
            await Task.Yield();
            if (Fails) throw new InvalidOperationException("no cache");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Idle : IReconciler
    {
        public Task<Result> ReconcileAsync(Request request, CancellationToken ct) => Task.FromResult(Result.Done);
    }

    private sealed class BrokenLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => throw new InvalidOperationException("no log");

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }
}
