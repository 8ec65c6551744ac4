using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Pods;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Nodes;

/// <summary>Adds what knows of nodes. After <c>AddPods</c>, whose pods it looks at.</summary>
public static class NodesExtensions
{
    public static OperatorBuilder AddNodes(this OperatorBuilder builder)
    {
        builder.Services.AddSingleton(services => new NodeWatch(
            services.GetRequiredService<ResourceInformer<ObservedNode>>(), services.GetRequiredService<ResourceInformer<NodeLease>>(),
            services.GetRequiredService<IStore<ObservedPod>>(),
            services.GetRequiredService<IOptions<OperatorOptions>>().Value.GpuResourceName,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<NodeWatch>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeWatch>());
        return builder
            .AddInformer<ObservedNode>(i => i.Transform(ObservedNode.Trim))
            .AddInformer<NodeLease>(i => i.InNamespace(NodeLease.Namespace));
    }
}
