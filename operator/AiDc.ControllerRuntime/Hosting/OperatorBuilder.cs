using AiDc.ControllerRuntime.Caching;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

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
            Services.AddSingleton(_ => builder.Options);
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
        Services.AddSingleton<TReconciler>();
        return this;
    }
}
