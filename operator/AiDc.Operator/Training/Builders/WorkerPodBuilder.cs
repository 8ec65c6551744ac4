using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>
/// Builds a worker's pod: the user's template, with the worker's container, volumes and environment added. What the template
/// says of its own wins, except for what makes the pod a member of its gang.
/// </summary>
public static class WorkerPodBuilder
{
    /// <summary>Enough to write a checkpoint of a model that the built-in trainer knows, after SIGTERM.</summary>
    private const long TrainerGraceSeconds = 60;

    private const long TokenSeconds = 3600;

    /// <param name="masterAddress">Address of the master's Service; null for a gang of one.</param>
    /// <param name="incarnation">0 for the worker's first pod of the attempt, above for replacements.</param>
    public static V1Pod Build(GangBlueprint gang, int index, string? masterAddress, int incarnation = 0)
    {
        var job = gang.Job;
        var template = job.Spec.Template?.Value ?? new V1PodTemplateSpec();
        var spec = template.Spec ?? new V1PodSpec();
        spec.Containers ??= [];
        var worker = FindOrAddWorker(job.Spec, spec);
        if (job.Spec.Trainer is { } trainer) ApplyTrainer(gang, trainer, spec, worker);

        // Worker 0 is the master: it listens on its own address, not on that of its Service.
        var text = index.ToString(CultureInfo.InvariantCulture);
        worker.Env = WorkerEnvironment.Merge(
            [.. WorkerEnvironment.Of(gang, text, index == 0 ? null : masterAddress), .. WorkerEnvironment.OfMember(gang, spec.TerminationGracePeriodSeconds)], worker.Env);
        // What the template sets of these is what counts: its pods may have an identity for S3, and only lack the address.
        worker.Env = [.. worker.Env, .. StorageEnvironment.Of(job.Spec).Where(ours => worker.Env.All(theirs => theirs.Name != ours.Name))];
        TerminationLogs.Keep(spec);
        ContainerResources.Apply(job.Spec.Resources, gang.Options.Validation.GpuResourceName, worker);
        AddVolumes(gang, spec, worker);
        HostPathPinning.Apply(spec, gang.Options.Validation.AllowedHostPaths);
        NodeAvoidance.Apply(spec, gang.AvoidedNodes);
        spec.RestartPolicy = "Never";
        return new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = Metadata(gang, Names.WorkerPod(job.Metadata.Name, index, gang.Attempt, incarnation), text, incarnation, template.Metadata),
            Spec = spec,
        };
    }

    private static V1ObjectMeta Metadata(GangBlueprint gang, string name, string index, int incarnation, V1ObjectMeta? template)
    {
        var job = gang.Job.Metadata;
        var labels = new Dictionary<string, string>(template?.Labels ?? new Dictionary<string, string>())
        {
            [Labels.Job] = Names.LabelValue(job.Name),
            [Labels.JobUid] = job.Uid,
            [Labels.WorkerIndex] = index,
            [Labels.Attempt] = gang.Attempt.ToString(CultureInfo.InvariantCulture),
            [Labels.ManagedBy] = Labels.ManagedByValue,
        };
        var annotations = new Dictionary<string, string>(template?.Annotations ?? new Dictionary<string, string>())
        {
            [Annotations.SpecHash] = gang.SpecHash,
            [Annotations.JobGeneration] = (job.Generation ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        if (incarnation > 0) labels[Labels.Incarnation] = incarnation.ToString(CultureInfo.InvariantCulture);
        if (gang.AvoidedNodes.Count > 0) annotations[Annotations.AvoidedNodes] = string.Join(',', gang.AvoidedNodes);
        if (gang.Link is { } link) annotations[Annotations.CaBundle] = link.CaBundle;
        return new()
        {
            Name = name,
            NamespaceProperty = job.NamespaceProperty,
            Labels = labels,
            Annotations = annotations,
            OwnerReferences = [Ownership.Of(gang.Job)],
        };
    }

    private static V1Container FindOrAddWorker(TrainingJobSpec job, V1PodSpec spec)
    {
        var name = WorkerContainer.NameIn(job);
        if (spec.Containers.FirstOrDefault(c => c.Name == name) is { } found) return found;
        var added = new V1Container { Name = name };
        spec.Containers = [added, .. spec.Containers];
        return added;
    }

    private static void ApplyTrainer(GangBlueprint gang, TrainerSpec trainer, V1PodSpec spec, V1Container worker)
    {
        worker.Image = trainer.Image ?? worker.Image ?? gang.Options.TrainerImage;
        worker.ImagePullPolicy ??= gang.Options.TrainerImagePullPolicy;
        // Its result is in the termination message, which "logs" would not change but a path of the user's would.
        int? processes = GangShape.IsDistributed(gang.Job.Spec) ? GangShape.Processes(gang.Job.Spec) : null;
        worker.Args = [.. TrainerArguments.Of(trainer, gang.Job.Spec.Checkpoint!, gang.Job.Spec.Resources.Cpu, processes)];
        ImageSecurity.Apply(spec, worker);
        spec.TerminationGracePeriodSeconds ??= TrainerGraceSeconds;
        spec.AutomountServiceAccountToken ??= false;
    }

    private static void AddVolumes(GangBlueprint gang, V1PodSpec spec, V1Container worker)
    {
        var storage = new PodStorage(spec, worker);
        var job = gang.Job.Spec;
        if (job.Trainer is { } trainer)
        {
            storage.AddVolume("aidc-data", trainer.Data.Uri, MountPaths.Data, readOnly: true);
            storage.AddEmptyDir("aidc-tmp", MountPaths.Temporary, new());
        }
        if (job.Checkpoint is { } checkpoint) storage.AddVolume("aidc-checkpoint", checkpoint.Uri, MountPaths.Checkpoint, readOnly: false);
        if (job.Resources.Shm is { } shm) storage.AddEmptyDir("aidc-shm", MountPaths.SharedMemory, new() { Medium = "Memory", SizeLimit = new(shm) });
        if (gang.Link is not null) storage.Add(Credentials());
        storage.Apply();
    }

    /// <summary>A token that is good for the coordinator only, and the certificates to know the coordinator by.</summary>
    private static (V1Volume, V1VolumeMount) Credentials()
    {
        var token = new V1VolumeProjection
        {
            ServiceAccountToken = new() { Audience = PodToken.Audience, ExpirationSeconds = TokenSeconds, Path = "token" },
        };
        var bundle = new V1VolumeProjection
        {
            DownwardAPI = new()
            {
                Items = [new() { Path = "ca.crt", FieldRef = new() { FieldPath = $"metadata.annotations['{Annotations.CaBundle}']" } }],
            },
        };
        return (new() { Name = "aidc", Projected = new() { Sources = [token, bundle] } },
            new() { Name = "aidc", MountPath = MountPaths.Aidc, ReadOnlyProperty = true });
    }
}
