using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.ControllerRuntime.Hosting;
using AiDc.Operator.Configuration;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Training;

/// <summary>Adds what runs TrainingJobs. After <c>AddPods</c> and <c>AddNodes</c>, which it looks at.</summary>
public static class TrainingExtensions
{
    /// <param name="workers">How many jobs are reconciled at once.</param>
    public static OperatorBuilder AddTraining(this OperatorBuilder builder, int workers)
    {
        builder.Services.TryAddSingleton(services => OptionsOf(services.GetRequiredService<IOptions<OperatorOptions>>().Value));
        builder.Services.AddSingleton<JobMemory>();
        builder.Services.AddSingleton<WorkerCreator>();
        builder.Services.AddSingleton<PlanExecutor>();
        builder.Services.AddSingleton<TrainingJobGatherer>();
        builder.Services.AddSingleton(services => new TrainingMetrics(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), services.GetRequiredService<IStore<TrainingJob>>()));
        builder.Services.AddHostedService<TrainingWakeUp>();
        return builder
            .AddController<TrainingJobReconciler>(c => c
                .For<TrainingJob>(Predicates.GenerationOrMetadataChanged)
                // A pod that we have just made is news to nobody: gangs that have none yet go first.
                .Owns<ObservedPod>(LooksDifferent, lowPriority: change => change.Kind == StoreEventKind.Added)
                .WatchesWith<PodWarning>(services => OwnerOfPod(services.GetRequiredService<IStore<ObservedPod>>()))
                .Workers(workers));
    }

    internal static TrainingOptions OptionsOf(OperatorOptions options) => new()
    {
        Validation = new() { AllowedHostPaths = [.. options.AllowedHostPaths], GpuResourceName = options.GpuResourceName },
        TrainerImage = options.TrainerImage,
        TrainerImagePullPolicy = options.TrainerImagePullPolicy,
    };

    private static bool LooksDifferent(StoreEvent<ObservedPod> change) => change.Old is null || change.Kind == StoreEventKind.Deleted || !change.Old.LooksLike(change.Value);

    private static Func<PodWarning, IEnumerable<Request>> OwnerOfPod(IStore<ObservedPod> pods) => warning =>
        warning.InvolvedObject is { Name: { } name } about && pods.Get(new(about.NamespaceProperty, name)) is { } pod
            ? EventMaps.Owner<ObservedPod>(typeof(TrainingJob))(pod)
            : [];
}
