using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Serving.Builders;

/// <summary>
/// Builds the pod template of a revision: the user's template, with the server's container, its model and its probes added. What the template
/// says of its own wins, except for what makes the pod a replica of its service.
/// </summary>
public static class ServerPodBuilder
{
    /// <summary>What a drain may take, where requests may not take longer.</summary>
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(60);

    /// <summary>Beyond the longest request, for what comes after it.</summary>
    private static readonly TimeSpan GraceBeyondTimeout = TimeSpan.FromSeconds(10);

    /// <summary>By itself Kubernetes waits five minutes before it replaces the pods of a node that is gone.</summary>
    private const long EvictAfterSeconds = 10;

    private static readonly string[] LostNode = ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"];

    public static V1PodTemplateSpec Build(InferenceService service, Revision revision, ServingOptions options)
    {
        var template = service.Spec.Template?.Value ?? new V1PodTemplateSpec();
        var isOwn = ServerContainer.IsOwn(template);
        var pod = template.Spec ?? new V1PodSpec();
        var server = FindOrAddServer(pod);
        if (isOwn) server.Ports = [.. server.Ports ?? []];
        else ApplyBuiltIn(service, revision.Model!, options, pod, server);

        if (revision.Model is { } model) AddModel(model, isOwn, server);
        TerminationLogs.Keep(pod);
        ContainerResources.Apply(service.Spec.Resources, options.Validation.GpuResourceName, server);
        AddVolumes(service, revision, isOwn, options, pod, server);
        HostPathPinning.Apply(pod, options.Validation.AllowedHostPaths);
        pod.TerminationGracePeriodSeconds ??= Grace(service.Spec.Limits);
        pod.AutomountServiceAccountToken ??= false;
        pod.TopologySpreadConstraints ??= [Spread(service, revision)];
        pod.Tolerations = [.. pod.Tolerations ?? [], .. Tolerations(pod.Tolerations)];
        pod.RestartPolicy = "Always";
        return new() { Metadata = Metadata(service, revision, server, isOwn, template.Metadata), Spec = pod };
    }

    /// <summary>The labels by which a revision's Deployment knows its pods.</summary>
    public static Dictionary<string, string> Selector(InferenceService service, string revision) => new()
    {
        [Labels.InferenceService] = Names.LabelValue(service.Metadata.Name),
        [Labels.Revision] = revision,
    };

    private static V1Container FindOrAddServer(V1PodSpec pod)
    {
        pod.Containers ??= [];
        if (ServerContainer.IndexIn(pod.Containers) is >= 0 and var at) return pod.Containers[at];
        var added = new V1Container { Name = ServerContainer.Name };
        pod.Containers = [added, .. pod.Containers];
        return added;
    }

    private static void ApplyBuiltIn(InferenceService service, ResolvedModel model, ServingOptions options, V1PodSpec pod, V1Container server)
    {
        server.Image = options.ServerImage;
        server.ImagePullPolicy ??= options.ServerImagePullPolicy;
        server.Args = [.. ServerArguments.Of(service, model)];
        server.Ports =
        [
            new() { Name = "http", ContainerPort = ServingPaths.HttpPort },
            new() { Name = "grpc", ContainerPort = ServingPaths.GrpcPort },
        ];
        // A large model takes minutes to read: the server lives all the while, and is ready when it has it.
        server.StartupProbe ??= Probe(ServingPaths.Live, period: 1, failures: 600);
        server.LivenessProbe ??= Probe(ServingPaths.Live, period: 10, failures: 6);
        server.ReadinessProbe ??= Probe(ServingPaths.Ready, period: 1, failures: 2);
        ImageSecurity.Apply(pod, server);
    }

    private static V1Probe Probe(string path, int period, int failures) => new()
    {
        HttpGet = new() { Path = path, Port = "http" },
        PeriodSeconds = period,
        TimeoutSeconds = period == 1 ? 1 : 5,
        FailureThreshold = failures,
    };

    /// <summary>An own server finds the model's place in its environment; both find the credentials there.</summary>
    private static void AddModel(ResolvedModel model, bool isOwn, V1Container server)
    {
        if (isOwn)
            server.Env = [new() { Name = "AIDC_MODEL_URI", Value = ModelPlace.Of(model).Path }, .. server.Env ?? []];
        var secret = ModelUri.Parse(model.Uri).Storage?.Scheme == StorageScheme.S3 ? model.Secret : null;
        server.Env = [.. server.Env ?? [], .. StorageEnvironment.Of(secret).Where(ours => server.Env?.All(theirs => theirs.Name != ours.Name) ?? true)];
        if (server.Env.Count == 0) server.Env = null;
    }

    private static void AddVolumes(InferenceService service, Revision revision, bool isOwn, ServingOptions options, V1PodSpec pod, V1Container server)
    {
        var storage = new PodStorage(pod, server);
        var place = revision.Model is { } model ? ModelPlace.Of(model) : null;
        if (place?.Mounted is { } folder) storage.AddVolume("aidc-model", folder, ServingPaths.Model, readOnly: true);
        if (!isOwn)
        {
            storage.AddEmptyDir("aidc-tmp", MountPaths.Temporary, new());
            if (place is { Mounted: null }) storage.Add(Cache(service, options));
        }
        if (service.Spec.Resources.Shm is { } shm)
            storage.AddEmptyDir("aidc-shm", MountPaths.SharedMemory, new() { Medium = "Memory", SizeLimit = new(shm) });
        storage.Apply();
    }

    /// <summary>A folder of the namespace's own in the node's cache; kubelet makes it with the rights of the folder that it is in.</summary>
    private static (V1Volume, V1VolumeMount) Cache(InferenceService service, ServingOptions options)
    {
        const string name = "aidc-cache";
        var mount = new V1VolumeMount { Name = name, MountPath = ServingPaths.Cache };
        if (options.ModelCachePath.Length == 0) return (new() { Name = name, EmptyDir = new() }, mount);
        mount.SubPath = service.Metadata.NamespaceProperty;
        return (new() { Name = name, HostPath = new() { Path = options.ModelCachePath, Type = "Directory" } }, mount);
    }

    private static long Grace(LimitsSpec limits)
    {
        var longest = GoDuration.Parse(limits.Timeout) + GraceBeyondTimeout;
        return (long)Math.Ceiling((longest > LeastGrace ? longest : LeastGrace).TotalSeconds);
    }

    /// <summary>
    /// By host only: nodes without the label of a second constraint, such as the zone, would count as bad places. Pods of other revisions do not count:
    /// where those stand while this one takes over says nothing of where its own are once they are gone.
    /// </summary>
    private static V1TopologySpreadConstraint Spread(InferenceService service, Revision revision) => new()
    {
        MaxSkew = 1,
        TopologyKey = "kubernetes.io/hostname",
        WhenUnsatisfiable = "ScheduleAnyway",
        LabelSelector = new() { MatchLabels = Selector(service, revision.Name) },
    };

    private static IEnumerable<V1Toleration> Tolerations(IList<V1Toleration>? theirs) =>
        LostNode
            .Where(key => theirs?.Any(t => t.Key == key || string.IsNullOrEmpty(t.Key)) != true)
            .Select(key => new V1Toleration
            {
                Key = key,
                OperatorProperty = "Exists",
                Effect = "NoExecute",
                TolerationSeconds = EvictAfterSeconds,
            });

    private static V1ObjectMeta Metadata(InferenceService service, Revision revision, V1Container server, bool isOwn, V1ObjectMeta? template)
    {
        var labels = new Dictionary<string, string>(template?.Labels ?? new Dictionary<string, string>()) { [Labels.ManagedBy] = Labels.ManagedByValue };
        foreach (var (key, value) in Selector(service, revision.Name)) labels[key] = value;
        var annotations = new Dictionary<string, string>(template?.Annotations ?? new Dictionary<string, string>())
        {
            [Annotations.ServiceName] = service.Metadata.Name,
            [Annotations.HttpPort] = Text(isOwn ? server.Ports[0].ContainerPort : ServingPaths.HttpPort),
            [Annotations.MaxConcurrency] = Text(service.Spec.Limits.Concurrency),
        };
        if (!isOwn) annotations[Annotations.GrpcPort] = Text(ServingPaths.GrpcPort);
        else if (server.Ports.FirstOrDefault(p => p.Name is "grpc" or "h2c") is { } grpc) annotations[Annotations.GrpcPort] = Text(grpc.ContainerPort);
        if (ProbePath(server) is { } path) annotations[Annotations.ProbePath] = path;
        return new() { Labels = labels, Annotations = annotations };
    }

    /// <summary>What gateways may ask a replica for: its readiness, where that is asked for at the port for requests.</summary>
    private static string? ProbePath(V1Container server)
    {
        if (server.ReadinessProbe?.HttpGet is not { } get) return null;
        var port = server.Ports[0];
        return get.Port.Value == port.Name || get.Port.Value == Text(port.ContainerPort) ? get.Path ?? "/" : null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
