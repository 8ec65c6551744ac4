using System.Diagnostics.Metrics;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Gateways;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Scaling;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Serving;

/// <summary>Adds what runs InferenceServices. After <c>AddPods</c> and <c>AddNodes</c>, which it looks at.</summary>
public static class ServingExtensions
{
    /// <summary>The index of the services' store by namespace/name of the training jobs that they name.</summary>
    private const string ByTrainingJob = "training-job";

    /// <param name="workers">How many services are reconciled at once.</param>
    public static OperatorBuilder AddServing(this OperatorBuilder builder, int workers)
    {
        var services = builder.Services;
        services.TryAddSingleton(s => OptionsOf(s.GetRequiredService<IOptions<OperatorOptions>>().Value));
        services.AddSingleton<LoadBoard>();
        services.AddSingleton<ILoadBoard>(s => s.GetRequiredService<LoadBoard>());
        services.AddSingleton<GatewayStreams>();
        // The whole load of a gateway of the version before comes in one message; those of today send parts.
        services.AddGrpc().AddServiceOptions<DemandService>(grpc => grpc.MaxReceiveMessageSize = DemandService.LargestReport);
        services.AddSingleton<GatewayAuthenticator>();
        services.AddSingleton<IReachability, TcpReachability>();
        services.AddSingleton<IConfirmation, Confirmation>();
        services.AddHostedService<GatewayWatch>();
        services.AddSingleton<ServiceMemory>();
        services.AddSingleton<ServiceGatherer>();
        services.AddSingleton<DisruptionBudgets>();
        services.AddSingleton<ServiceObjects>();
        services.AddSingleton<ServicePlanExecutor>();
        services.AddSingleton(s => new ServingMetrics(
            s.GetRequiredService<IMeterFactory>(), s.GetRequiredService<IStore<InferenceService>>(), () => s.GetRequiredService<LoadBoard>().Count));
        services.AddSingleton<ScaleAdvisor>();
        services.AddSingleton<IScaleAdvisor>(s => s.GetRequiredService<ScaleAdvisor>());
        services.AddHostedService(s => s.GetRequiredService<ScaleAdvisor>());
        services.AddHostedService<ServingWakeUp>();
        return builder
            .AddInformer<InferenceService>(i => i
                .Index(ByTrainingJob, s => ServiceGatherer.JobsNamedBy(s).Select(job => $"{s.Metadata.NamespaceProperty}/{job}")))
            .AddInformer<ServingDeployment>(i => i
                .LabelSelector(Labels.InferenceService)
                .Transform(ServingDeployment.Trim)
                .Index(ServiceGatherer.ByOwner, d => d.OwnerUid is { } uid ? [uid] : []))
            .AddInformer<ServingPod>(i => i
                .LabelSelector(Labels.InferenceService)
                .Transform(ServingPod.Trim)
                .Index(ServiceGatherer.ByService, p => ServingWakeUp.ServiceOf(p).Select(r => r.Name.ToString()))
                .Index(ServingWakeUp.ByNode, p => p.Spec.NodeName is { } node ? [node] : []))
            .AddController<InferenceServiceReconciler>(c => c
                .For<InferenceService>(Predicates.GenerationOrMetadataChanged)
                .Owns<ServingDeployment>()
                .Watches<ServingPod>(ServingWakeUp.ServiceOf)
                .WatchesWith<TrainingJob>(s => ServicesOf(s.GetRequiredService<IStore<InferenceService>>()))
                .Workers(workers));
    }

    internal static ServingOptions OptionsOf(OperatorOptions options) => new()
    {
        Validation = new() { AllowedHostPaths = [.. options.AllowedHostPaths], GpuResourceName = options.GpuResourceName },
        ServerImage = options.TrainerImage,
        ServerImagePullPolicy = options.TrainerImagePullPolicy,
        ModelCachePath = options.ModelCachePath,
        Namespace = options.Namespace,
        GatewayUrl = options.GatewayUrl.Length > 0 ? options.GatewayUrl : $"http://aidc-gateway.{options.Namespace}.svc",
    };

    private static Func<TrainingJob, IEnumerable<Request>> ServicesOf(IStore<InferenceService> services) => job =>
        services.ByIndex(ByTrainingJob, $"{job.Metadata.NamespaceProperty}/{job.Metadata.Name}").Select(s => new Request(NamespacedName.Of(s)));
}
