using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Adds informers and controllers to an operator.</summary>
public sealed class OperatorBuilder
{
    private readonly Dictionary<Type, object> informers = [];

    internal OperatorBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    /// <summary>
    /// Makes <c>IStore&lt;T&gt;</c> available, kept up to date by one watch however many use it. May be called again for
    /// the same type, to add to it.
    /// </summary>
    public OperatorBuilder AddInformer<T>(Action<InformerBuilder<T>>? configure = null) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!informers.TryGetValue(typeof(T), out var known))
        {
            var builder = new InformerBuilder<T>();
            informers[typeof(T)] = known = builder;
            Services.AddSingleton(services => builder.Options with { Namespace = NamespaceFor(builder.Options, services) });
            Services.AddSingleton<ResourceInformer<T>>();
            Services.AddSingleton<IStore<T>>(services => services.GetRequiredService<ResourceInformer<T>>());
            Services.AddSingleton<IInformer>(services => services.GetRequiredService<ResourceInformer<T>>());
        }
        configure?.Invoke((InformerBuilder<T>)known);
        return this;
    }

    /// <summary>Adds the reconciler (a singleton) and its controller.</summary>
    public OperatorBuilder AddController<TReconciler>(Action<ControllerBuilder<TReconciler>> configure)
        where TReconciler : class, IReconciler
    {
        var builder = new ControllerBuilder<TReconciler>(this);
        configure(builder);
        if (builder.Settings.Workers < 1)
            throw new ArgumentException($"Controller {builder.Settings.Name} has {builder.Settings.Workers} workers: it needs 1 or more.", nameof(configure));
        Services.AddSingleton<TReconciler>();
        Services.AddKeyedSingleton(typeof(TReconciler), (services, _) => Create<TReconciler>(services, builder.Settings));
        Services.AddSingleton(services => services.GetRequiredKeyedService<Controller>(typeof(TReconciler)));
        Services.AddSingleton<IRequestQueue<TReconciler>>(
            services => new RequestQueue<TReconciler>(() => services.GetRequiredKeyedService<Controller>(typeof(TReconciler))));
        Services.AddSingleton(new ControllerWiring(services =>
        {
            var controller = services.GetRequiredKeyedService<Controller>(typeof(TReconciler));
            foreach (var source in builder.Sources) source(services, controller.Enqueue);
        }));
        return this;
    }

    private static Controller Create<TReconciler>(IServiceProvider services, ControllerSettings settings) where TReconciler : class, IReconciler =>
        new(services.GetRequiredService<TReconciler>(), settings, services.GetRequiredService<IOptions<KubernetesOperatorOptions>>().Value.ReconcileTimeout,
            services.GetRequiredService<ConsistencyStore>(), services.GetRequiredService<RuntimeMetrics>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<Jitter>(), services.GetRequiredService<ILogger<TReconciler>>());

    private static string? NamespaceFor<T>(InformerOptions<T> options, IServiceProvider services) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (options.Namespace is not null || options.ClusterScoped || ResourceType.Of<T>().IsClusterScoped) return options.Namespace;
        return services.GetRequiredService<IOptions<KubernetesOperatorOptions>>().Value.WatchNamespace is { Length: > 0 } ns ? ns : null;
    }
}
