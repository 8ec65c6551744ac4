using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Gateway.Admission;
using AiDc.Gateway.Bodies;
using AiDc.Gateway.Configuration;
using AiDc.Gateway.Demand;
using AiDc.Gateway.Forwarding;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Routing;
using AiDc.Gateway.Services;
using Microsoft.Extensions.Options;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AiDc.Gateway.Hosting;

/// <summary>Puts the gateway together.</summary>
public static class GatewayHost
{
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<GatewayOptions>, GatewayOptionsDefaults>();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddOptions<HostOptions>().Configure<IOptions<GatewayOptions>>((host, gateway) =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(gateway.Value.DrainSeconds + gateway.Value.ShutdownSeconds));
        services.AddSingleton(TimeProvider.System);
        builder.AddClusterLogging($"{GatewayOptions.Section}:{nameof(GatewayOptions.LogLevel)}");
        // An attempt that failed is no news, and each would come with a stack trace; what comes of it is in the metrics.
        builder.Logging.AddFilter("Yarp", LogLevel.None).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        services.AddMetricsExporter();
        AddData(services);
        services.AddSingleton<IConfigureOptions<KubernetesOperatorOptions>, RuntimeOptions>();
        services.AddKubernetesOperator()
            .AddInformer<InferenceService>()
            .AddInformer<ServedPod>(i => i.LabelSelector(Labels.InferenceService));
        AddEnds(services);
        AddTraces(builder);
        builder.WebHost.ConfigureKestrel(Listeners.Configure);
        return builder;
    }

    /// <summary>Two faces: what the cluster scrapes and probes, on a port of its own, and everything else for callers.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        app.MapWhen(
            context => context.Features.Get<IAdminConnection>() is not null,
            admin => admin.UseRouting().UseEndpoints(routes =>
            {
                routes.MapMetricsExporter();
                routes.MapHealth();
            }));
        var demand = app.Services.GetRequiredService<DemandClient>();
        app.Services.GetRequiredService<GatewayMetrics>().Observe(
            app.Services.GetRequiredService<ServiceTable>(), app.Services.GetRequiredService<BodyBudget>(), () => demand.IsConnected);
        var handler = app.Services.GetRequiredService<GatewayHandler>();
        var drain = app.Services.GetRequiredService<Drain>();
        app.Run(context =>
        {
            drain.Tell(context);
            return handler.HandleAsync(context);
        });
        return app;
    }

    private static void AddData(IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<AccessLog>();
        services.AddSingleton(s => new TargetParser(s.GetRequiredService<IOptions<GatewayOptions>>().Value.DomainSuffix));
        services.AddSingleton<DemandWake>();
        services.AddSingleton<EjectionLog>();
        services.AddSingleton(s => new ServiceTable(new(
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Jitter>().Next, s.GetRequiredService<IOptions<GatewayOptions>>().Value.MaxWaiting,
            s.GetRequiredService<DemandWake>().Set, s.GetRequiredService<EjectionLog>().Ejected)));
        services.AddSingleton<Admissions>();
        services.AddSingleton(s => new BodyBudget(s.GetRequiredService<IOptions<GatewayOptions>>().Value.BodyMemoryMiB * 1024L * 1024));
        services.AddSingleton<BodyIntake>();
        services.AddSingleton<RequestForwarder>();
        services.AddSingleton<GatewayHandler>();
        // Before the informers, which it subscribes to.
        services.AddHostedService<ServiceWatch>();
    }

    private static void AddEnds(IServiceCollection services)
    {
        services.AddSingleton<ApiKeyWatch>();
        services.AddHostedService(s => s.GetRequiredService<ApiKeyWatch>());
        services.AddSingleton<TlsCertificate>();
        services.AddHostedService(s => s.GetRequiredService<TlsCertificate>());
        services.AddSingleton<DemandClient>();
        services.AddHostedService(s => s.GetRequiredService<DemandClient>());
        services.AddSingleton<Drain>();
        services.AddHostedService(s => s.GetRequiredService<Drain>());
        services.AddHealthChecks()
            .AddCheck<Drain>("drain", tags: [OperatorServiceCollectionExtensions.ReadyTag])
            .AddCheck<ApiKeyWatch>("api-keys", tags: [OperatorServiceCollectionExtensions.ReadyTag]);
    }

    /// <summary>Where the environment names a collector. OTEL_TRACES_SAMPLER and the others of OpenTelemetry's variables hold as they do everywhere.</summary>
    private static void AddTraces(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
            && string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])) return;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "aidc-gateway"))
            .WithTracing(traces => traces.AddSource(TraceContext.SourceName).AddOtlpExporter());
    }
}
