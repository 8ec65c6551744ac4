using AiDc.ControllerRuntime.Caching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiDc.ControllerRuntime.Hosting;

public static class OperatorServiceCollectionExtensions
{
    /// <summary>
    /// Adds the runtime of an operator: clients, informers, controllers, leader election, events, health checks.
    /// Registers <c>KubernetesClientConfiguration</c> from the environment unless there is one already.
    /// </summary>
    public static OperatorBuilder AddKubernetesOperator(
        this IServiceCollection services, Action<KubernetesOperatorOptions>? configure = null)
    {
        var options = services.AddOptions<KubernetesOperatorOptions>();
        if (configure is not null) options.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new ConsistencyStore(
            type => s.GetServices<IInformer>().FirstOrDefault(i => i.ObjectType == type), s.GetRequiredService<TimeProvider>()));
        return new(services);
    }
}
