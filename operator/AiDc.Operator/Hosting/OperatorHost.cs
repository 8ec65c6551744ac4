using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Training;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Hosting;

/// <summary>Puts the operator together.</summary>
public static class OperatorHost
{
    /// <summary>Below the 30 s that Kubernetes waits between SIGTERM and SIGKILL.</summary>
    private static readonly TimeSpan ShutdownWithin = TimeSpan.FromSeconds(25);

    public static WebApplicationBuilder AddOperator(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<OperatorOptions>().BindConfiguration(OperatorOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<OperatorOptions>, OperatorOptionsDefaults>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownWithin);
        services.AddSingleton(TimeProvider.System);
        builder.AddClusterLogging($"{OperatorOptions.Section}:{nameof(OperatorOptions.LogLevel)}");
        services.AddMetricsExporter();
        services.AddHealthChecks().AddCheck<CoordinatorReadiness>("coordinator", tags: [OperatorServiceCollectionExtensions.ReadyTag]);
        services.AddSingleton<IConfigureOptions<KubernetesOperatorOptions>, RuntimeOptions>();
        services.AddKubernetesOperator()
            .AddInformer<TrainingJob>()
            .AddPods()
            .AddNodes()
            .AddTraining(WorkersIn(builder.Configuration))
            .AddServing(WorkersIn(builder.Configuration));
        services.AddCoordination();
        builder.WebHost.ConfigureKestrel(Listeners.Configure);
        return builder;
    }

    /// <summary>Before options are read and validated, which refuses what is out of range by its name.</summary>
    private static int WorkersIn(IConfiguration configuration) =>
        Math.Max(1, configuration.GetValue($"{OperatorOptions.Section}:{nameof(OperatorOptions.Workers)}", new OperatorOptions().Workers));

    /// <summary>Two faces: what the cluster scrapes and probes in plain HTTP, and what workers speak to over TLS. Neither answers for the other.</summary>
    public static WebApplication MapOperator(this WebApplication app)
    {
        app.MapWhen(context => context.Request.IsHttps, secure => secure.UseRouting().UseEndpoints(routes =>
        {
            routes.MapCoordination();
            routes.MapGrpcService<DemandService>();
        }));
        app.MapWhen(context => !context.Request.IsHttps, plain => plain.UseRouting().UseEndpoints(routes =>
        {
            routes.MapMetricsExporter();
            routes.MapHealth();
        }));
        return app;
    }
}
