using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;
using k8s.Models;

namespace AiDc.Operator.Tests.Training;

/// <summary>Jobs and pods to decide over.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly TrainingOptions Options = new()
    {
        Validation = new() { AllowedHostPaths = ["/srv/aidc"] },
        TrainerImage = "registry/aidc-trainer:1",
    };

    /// <summary>A job of an own image.</summary>
    public static TrainingJob Job(int replicas = 2, Func<TrainingJobSpec, TrainingJobSpec>? spec = null, Func<TrainingJobStatus, TrainingJobStatus>? status = null)
    {
        var made = new TrainingJobSpec
        {
            Workers = new() { Replicas = replicas },
            Template = PodTemplate.From(new V1PodTemplateSpec
            {
                Spec = new() { Containers = [new() { Name = "trainer", Image = "registry/own:1" }] },
            }),
        };
        return Made(spec is null ? made : spec(made), status);
    }

    /// <summary>A job of the built-in trainer.</summary>
    public static TrainingJob BuiltIn(Func<TrainingJobSpec, TrainingJobSpec>? spec = null, Func<TrainingJobStatus, TrainingJobStatus>? status = null)
    {
        var made = new TrainingJobSpec
        {
            Trainer = new() { Task = "image-classification", Data = new() { Uri = "pvc://datasets/mnist", Format = "idx" } },
            Checkpoint = new() { Uri = "pvc://models/digits" },
        };
        return Made(spec is null ? made : spec(made), status);
    }

    /// <summary>The same job with another spec: an edit, so its generation grows.</summary>
    public static TrainingJob Edited(TrainingJob job, Func<TrainingJobSpec, TrainingJobSpec> edit) => new()
    {
        Metadata = With(job.Metadata, (job.Metadata.Generation ?? 0) + 1),
        Spec = edit(job.Spec),
        Status = job.Status,
    };

    public static ObservedPod Pod(
        int index = 0, int attempt = 1, PodPhase phase = PodPhase.Running, string? node = "node-1", string job = "digits",
        IReadOnlyList<ObservedContainer>? containers = null, DateTimeOffset? deletedAt = null, string? reason = null, string? message = null,
        PodNotice? unschedulable = null, PodNotice? disruption = null, string hash = "h1", long generation = 1, DateTimeOffset? createdAt = null, int incarnation = 0, string? avoids = null) => new()
    {
        Metadata = new()
        {
            Name = Names.WorkerPod(job, index, attempt, incarnation),
            NamespaceProperty = "team",
            Uid = incarnation == 0 ? $"pod-{index}-{attempt}" : $"pod-{index}-{attempt}-{incarnation}",
            CreationTimestamp = (createdAt ?? Now).UtcDateTime,
            DeletionTimestamp = deletedAt?.UtcDateTime,
            OwnerReferences = [new() { Uid = "job-uid", Name = job, Kind = "TrainingJob", ApiVersion = "aidc.dev/v1alpha1", Controller = true }],
        },
        Index = index,
        Attempt = attempt,
        Incarnation = incarnation,
        AvoidedNodes = avoids,
        SpecHash = hash,
        JobGeneration = generation,
        NodeName = node,
        Phase = phase,
        Reason = reason,
        Message = message,
        Unschedulable = unschedulable,
        Disruption = disruption,
        Containers = containers ?? (phase == PodPhase.Running ? [new("trainer", false, ContainerPhase.Running)] : []),
    };

    public static ObservedPod Pending(int index = 0, int attempt = 1, PodNotice? unschedulable = null) =>
        Pod(index, attempt, PodPhase.Pending, node: null, unschedulable: unschedulable);

    /// <summary>On its node, its container not running yet.</summary>
    public static ObservedPod Starting(int index = 0, int attempt = 1, string? waiting = "ContainerCreating", string? message = null) =>
        Pod(index, attempt, PodPhase.Pending, containers: [new("trainer", false, ContainerPhase.Waiting, waiting, message)]);

    public static ObservedPod Failed(int index = 0, int exitCode = 1, string reason = "Error", string? log = null, int secondsAgo = 0, int attempt = 1) =>
        Pod(index, attempt, PodPhase.Failed,
            containers: [new("trainer", false, ContainerPhase.Terminated, reason, log, exitCode, Now.AddSeconds(-secondsAgo))]);

    public static ObservedPod Succeeded(int index = 0, int attempt = 1, string? message = null) =>
        Pod(index, attempt, PodPhase.Succeeded, containers: [new("trainer", false, ContainerPhase.Terminated, "Completed", message, 0, Now)]);

    public static TrainingJobSnapshot Snapshot(TrainingJob job, params ObservedPod[] pods) => new(job, pods);

    public static JobView View(TrainingJob job, params ObservedPod[] pods) => new(Snapshot(job, pods), Options, Now);

    public static JobView ViewAt(DateTimeOffset now, TrainingJob job, params ObservedPod[] pods) => new(Snapshot(job, pods), Options, now);

    /// <summary>A status in which all pods of the attempt have been seen together.</summary>
    public static TrainingJobStatus Whole(TrainingJobStatus status, int desired, int attempt = 1) => status with
    {
        Attempt = attempt,
        Phase = TrainingJobPhase.Running,
        StartTime = Now.AddMinutes(-1),
        ActiveSince = Now.AddMinutes(-1),
        AttemptStartTime = Now.AddMinutes(-1),
        Workers = new()
        {
            Attempt = attempt,
            Desired = desired,
            Members = [.. Enumerable.Range(0, desired).Select(i => new WorkerMember { Index = i, Pod = Names.WorkerPod("digits", i, attempt), Node = $"node-{i}" })],
        },
        Conditions = [Condition(ConditionTypes.Valid, true), Condition(ConditionTypes.Started, true), Condition(ConditionTypes.Running, true)],
    };

    public static V1Condition Condition(string type, bool status, string reason = "Because", string message = "", DateTimeOffset? since = null) => new()
    {
        Type = type,
        Status = status.ToString(CultureInfo.InvariantCulture),
        Reason = reason,
        Message = message,
        LastTransitionTime = (since ?? Now.AddMinutes(-1)).UtcDateTime,
    };

    private static TrainingJob Made(TrainingJobSpec spec, Func<TrainingJobStatus, TrainingJobStatus>? status) => new()
    {
        Metadata = With(new() { Name = "digits", NamespaceProperty = "team", Uid = "job-uid", ResourceVersion = "1" }, 1),
        Spec = spec,
        Status = status is null ? new() : status(new()),
    };

    private static V1ObjectMeta With(V1ObjectMeta meta, long generation) => new()
    {
        Name = meta.Name,
        NamespaceProperty = meta.NamespaceProperty,
        Uid = meta.Uid,
        ResourceVersion = meta.ResourceVersion,
        Generation = generation,
    };
}
