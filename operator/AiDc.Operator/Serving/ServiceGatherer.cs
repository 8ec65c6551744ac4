using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Serving;

/// <summary>Reads everything that a decision about one service looks at, out of caches and boards.</summary>
public sealed class ServiceGatherer(
    IStore<InferenceService> services, IStore<ServingDeployment> deployments, IStore<ServingPod> pods, IStore<TrainingJob> jobs, IStore<PodWarning> warnings,
    NodeWatch nodes, ILoadBoard board, ServiceMemory memory, IScaleAdvisor? advisor = null)
{
    /// <summary>The index of the Deployments' store by the uid of the service that owns them.</summary>
    public const string ByOwner = "owner-uid";

    /// <summary>The index of the pods' store by namespace/name of their service.</summary>
    public const string ByService = "service";

    /// <returns>Null where the service does not exist.</returns>
    public ServiceSnapshot? Gather(NamespacedName name)
    {
        if (services.Get(name) is not { } service) return null;
        var uid = service.Metadata.Uid;
        var owned = deployments.ByIndex(ByOwner, uid);
        var replicas = pods.ByIndex(ByService, name.ToString()).Where(p => owned.Any(d => d.Name == p.Revision)).ToList();
        var entry = memory.Of(name, uid);
        var load = board.Read(name);
        return new(service, owned, replicas)
        {
            Jobs = JobsOf(service),
            Scale = advisor?.For(name),
            Load = load,
            Trial = service.Status.Canary is { Since: not null } canary ? memory.Trial(name, uid, canary, service.Status.Stable, load) : null,
            Nodes = NodesOf(replicas),
            Unreachable = replicas.Where(p => board.IsUnreachable(NamespacedName.Of(p))).Select(p => p.Name).ToHashSet(StringComparer.Ordinal),
            Troubles = Troubles(replicas),
            Refusal = entry.Refusal,
            LastWrite = entry.LastWrite,
            ObjectsProblem = entry.ObjectsProblem,
            ObjectsFor = entry.ObjectsFor,
            ObjectsDue = entry.ObjectsDue,
        };
    }

    /// <summary>Pods of services of this name that no longer exist, and what is known of their nodes.</summary>
    public (IReadOnlyList<ServingPod> Pods, IReadOnlyDictionary<string, NodeView> Nodes) LeftBehind(NamespacedName name)
    {
        var left = pods.ByIndex(ByService, name.ToString());
        return (left, NodesOf(left));
    }

    /// <summary>The training jobs that a spec names.</summary>
    public static IEnumerable<string> JobsNamedBy(InferenceService service) =>
        new[] { service.Spec?.Model?.TrainingJob, service.Spec?.Canary?.Model?.TrainingJob }.OfType<string>().Distinct();

    private Dictionary<string, NodeView> NodesOf(IReadOnlyList<ServingPod> of) =>
        of.Select(p => p.Spec.NodeName).OfType<string>().Distinct().Select(nodes.Of).OfType<NodeView>().ToDictionary(n => n.Name);

    private Dictionary<string, TrainingJob> JobsOf(InferenceService service) => JobsNamedBy(service)
        .Select(job => jobs.Get(new(service.Metadata.NamespaceProperty, job))).OfType<TrainingJob>().ToDictionary(j => j.Metadata.Name);

    private Dictionary<string, PodTrouble> Troubles(List<ServingPod> replicas)
    {
        var troubles = new Dictionary<string, PodTrouble>();
        foreach (var pod in replicas.Where(p => p.Status.Phase is null or "Pending" && p.Spec.NodeName is not null))
            if (PodTrouble.Of(warnings.ByIndex(PodWarning.ByPod, pod.Metadata.Uid)) is { } trouble) troubles[pod.Metadata.Uid] = trouble;
        return troubles;
    }
}
