using AiDc.Trainer.Reporting;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Hosting;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Options;
using AiDc.Trainer.Serving.Pipeline;
using AiDc.Trainer.Serving.Rest;
using AiDc.Trainer.Serving.Rpc.Wire;
using AiDc.Trainer.Serving.Rpc;
using AiDc.Trainer.Serving.Telemetry;
using Grpc.AspNetCore.Server.Model;
using Grpc.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiDc.Trainer.Serving;

/// <summary>The HTTP and gRPC server of one model. It answers from its start; requests are welcome once the model is opened.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    /// <summary>After SIGTERM, as long as it takes until gateways and endpoints have taken note.</summary>
    private static readonly TimeSpan ShortestDrain = TimeSpan.FromSeconds(2);

    /// <summary>For connections that are open when all requests are answered.</summary>
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly ModelHost _host;
    private readonly AdmissionGate _gate;
    private readonly RequestPipeline _pipeline;
    private readonly TimeProvider _time;

    public ModelServer(ServeOptions options, TimeProvider time, Func<string, string?> environment, JsonLog log, Func<double> chance)
    {
        ServeOptionsValidator.Validate(options);
        _time = time;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddServices(builder.Services, options, time, environment, log, chance);
        builder.Logging.ClearProviders().AddProvider(new JsonLogProvider(log)).SetMinimumLevel(LogLevel.Warning).AddFilter("AiDc", LogLevel.Information);
        // What requests do wrong is answered and counted; without its scopes a request costs less.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Grpc", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        _app = builder.Build();
        var services = _app.Services;
        (_host, _gate, _pipeline) = (services.GetRequiredService<ModelHost>(), services.GetRequiredService<AdmissionGate>(), services.GetRequiredService<RequestPipeline>());
        var metrics = services.GetRequiredService<ServerMetrics>();
        (metrics.QueueLength, metrics.InFlight) = (() => _gate.Waiting + _host.Waiting, () => _gate.Inside);
        _app.MapWhen(MetricsPort.Is, branch => MetricsPort.Answer(branch, services.GetRequiredService<MetricsExporter>().Registry));
        _app.Use((http, next) => _pipeline.InvokeAsync(http, next));
        services.GetRequiredService<HealthEndpoints>().Map(_app);
        services.GetRequiredService<InferenceEndpoints>().Map(_app);
        _app.MapGrpcService<InferenceService>();
        _app.MapGrpcService<HealthService>();
        _app.MapGrpcService<ReflectionServiceImpl>();
    }

    /// <summary>Where it listens, as seen from this machine: HTTP first, then gRPC, then metrics. From the start on; a bare machine knows no name of its own.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(a => new Uri(a.Replace("[::]", "127.0.0.1", StringComparison.Ordinal)))];

    public Task StartAsync() => _app.StartAsync();

    /// <summary>Takes a model over and warms it up; it belongs to the server then.</summary>
    /// <exception cref="TrainerException">The model does not run.</exception>
    public void Open(IServedModel model, Action<string> progress) => _host.Open(model, progress);

    /// <summary>Refuses what comes from now on, and ends when what is there has been answered.</summary>
    public async Task DrainAsync()
    {
        _host.StartDraining();
        _pipeline.StartDraining();
        await Task.WhenAll(_gate.CloseAsync(), Task.Delay(ShortestDrain, _time));
        await StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(CloseWithin, _time);
        await _app.StopAsync(patience.Token);
    }

    private static void AddServices(
        IServiceCollection services, ServeOptions options, TimeProvider time, Func<string, string?> environment, JsonLog log, Func<double> chance)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(new AdmissionGate(options.Concurrency, options.Queue));
        services.AddSingleton(new MemoryBudget(BodyMemory(options)));
        services.AddSingleton(new RequestLog(log, options.RequestLogRate, chance, time));
        services.AddSingleton<FailureLog>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<MetricsExporter>();
        services.AddSingleton<ModelHost>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<InferenceEndpoints>();
        services.AddSingleton<InferenceService>();
        services.AddSingleton<HealthService>();
        // By hand: the package for ASP.NET finds only services that were generated.
        services.AddSingleton(new ReflectionServiceImpl(
            OpenInferenceReflection.Descriptor.Services[0], Grpc.Health.V1.Health.Descriptor, Grpc.Reflection.V1Alpha.ServerReflection.Descriptor));
        services.AddGrpc(grpc =>
        {
            (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize, grpc.IgnoreUnknownServices) = (options.MaxBodyBytes, null, false);
            grpc.CompressionProviders = [new BoundedGzip(options.MaxBodyBytes)];
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<InferenceService>, InferenceMethods>());
        services.AddTracing(options.Model.Name, environment);
        // Signals are the command's: they drain.
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
    }

    /// <summary>One body has room in any case.</summary>
    private static long BodyMemory(ServeOptions options) => options.BodyMemory ?? Math.Max(2L * options.MaxBodyBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    private static void Listen(KestrelServerOptions kestrel, ServeOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        // A gateway sends many requests over one connection.
        kestrel.Limits.Http2.MaxStreamsPerConnection = Math.Max(100, options.Concurrency + options.Queue);
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 << 20;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
        kestrel.ListenAnyIP(options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.ListenAnyIP(options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.ListenAnyIP(options.MetricsPort, MetricsPort.Listen);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
