using System.Diagnostics.Metrics;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Events;
using AiDc.ControllerRuntime.Leadership;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiDc.ControllerRuntime.Hosting;

public static class OperatorServiceCollectionExtensions
{
    /// <summary>Tag of the health check for a liveness probe.</summary>
    public const string LiveTag = "live";

    /// <summary>Tag of the health check for a readiness probe.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// Adds the runtime of an operator: clients, informers, controllers, leader election, events, health checks.
    /// Registers <c>KubernetesClientConfiguration</c> from the environment unless there is one already.
    /// </summary>
    public static OperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<KubernetesOperatorOptions>? configure = null)
    {
        var options = services.AddOptions<KubernetesOperatorOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubernetesOperatorOptions>, KubernetesOperatorOptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.TryAddSingleton(s => new Jitter(Jitter.SeedOf(Options(s).Identity)));
        services.TryAddSingleton(s => new RuntimeMetrics(s.GetRequiredService<IMeterFactory>(), Options(s).MeterName));
        services.TryAddSingleton(new InformerTiming());
        services.TryAddSingleton(s => CreateClient(s, ClientOptions(s)));
        services.TryAddSingleton<IKubernetesClient>(s => s.GetRequiredService<KubernetesApiClient>());
        services.TryAddSingleton(s => new ConsistencyStore(
            type => s.GetServices<IInformer>().FirstOrDefault(i => i.ObjectType == type), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new EventRecorder(
            s.GetRequiredService<IKubernetesClient>(), Options(s).Name, Options(s).Identity, s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<RuntimeMetrics>(), s.GetRequiredService<ILogger<EventRecorder>>()));
        services.TryAddSingleton<IEventRecorder>(s => s.GetRequiredService<EventRecorder>());
        services.TryAddSingleton(CreateLeadership);
        services.AddHealthChecks().AddCheck<LivenessCheck>("runtime", tags: [LiveTag]).AddCheck<ReadinessCheck>("caches", tags: [ReadyTag]);
        services.AddHostedService<OperatorLifecycle>();
        return new(services);
    }

    private static KubernetesOperatorOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<KubernetesOperatorOptions>>().Value;

    private static KubernetesApiClientOptions ClientOptions(IServiceProvider services)
    {
        var options = Options(services);
        return new() { CreateConcurrency = options.CreateConcurrency, RequestsPerSecond = options.RequestsPerSecond, UserAgent = options.Name };
    }

    private static KubernetesApiClient CreateClient(IServiceProvider services, KubernetesApiClientOptions options) => new(
        services.GetRequiredService<KubernetesClientConfiguration>(), options, services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<Jitter>().Next, services.GetRequiredService<RuntimeMetrics>());

    private static ILeadership CreateLeadership(IServiceProvider services)
    {
        var options = Options(services);
        if (!options.LeaderElection) return new AlwaysLeader(options.Identity);
        // A client of its own: connections of its own, no retries, and time-outs that leave time for a second attempt.
        var client = CreateClient(services, new() { RequestTimeout = options.RenewDeadline / 2, MaxAttempts = 1, UserAgent = options.Name });
        var settings = new LeaderElectionSettings(
            new(options.Namespace, options.EffectiveLeaseName), options.Identity, options.LeaseDuration, options.RenewDeadline, options.RetryPeriod);
        return new LeaderElector(
            client, settings, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<Jitter>().Next,
            services.GetRequiredService<ILogger<LeaderElector>>());
    }
}
