using System.Text.Json.Serialization;
using AiDc.ControllerRuntime;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Pods;

/// <summary>
/// What the training controller reads of a worker pod, and nothing else: ten thousand of them are held in memory, and each
/// of a pod's many status writes is read once. <see cref="Metadata"/> carries identity, owner and times only.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
[JsonConverter(typeof(ObservedPodConverter))]
public sealed class ObservedPod : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The index of the store by the uid of the controlling owner.</summary>
    public const string ByOwner = "owner-uid";

    /// <summary>The index of the store by namespace/name of the owner, which may be gone.</summary>
    public const string ByOwnerName = "owner-name";
    /// <summary>The index of the store by node.</summary>
    public const string ByNode = "node";

    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Index of the worker, from its label; -1 where the label is missing or no number.</summary>
    public int Index { get; init; } = -1;

    /// <summary>Attempt that the pod was made for, from its label; 0 where the label is missing or no number.</summary>
    public int Attempt { get; init; }

    /// <summary>Which pod of its worker within the attempt: 0 for the first.</summary>
    public int Incarnation { get; init; }

    /// <summary>Nodes that it must not be placed on; null for none.</summary>
    public string? AvoidedNodes { get; init; }

    /// <summary>Hash of the part of the job's spec that the pod was built from.</summary>
    public string? SpecHash { get; init; }

    /// <summary>metadata.generation of the job that the pod was built from.</summary>
    public long? JobGeneration { get; init; }

    public string? NodeName { get; init; }

    public PodPhase Phase { get; init; }

    /// <summary>status.reason, for example <c>Evicted</c> or <c>NodeLost</c>.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>Why the scheduler has no node for it: the PodScheduled condition while it is False.</summary>
    public PodNotice? Unschedulable { get; init; }

    /// <summary>Why the cluster takes the pod away: the DisruptionTarget condition (servers from 1.25 on) while it is True.</summary>
    public PodNotice? Disruption { get; init; }

    /// <summary>Init containers first, in the order of the status.</summary>
    public IReadOnlyList<ObservedContainer> Containers { get; init; } = [];

    /// <summary>Extended resources, such as GPUs, that it holds on its node.</summary>
    public IReadOnlyList<PodDevice> Devices { get; init; } = [];

    public string Name => Metadata.Name;

    public string Uid => Metadata.Uid;

    public bool IsBeingDeleted => Metadata.DeletionTimestamp is not null;

    /// <summary>uid of the controlling owner, or null.</summary>
    public string? OwnerUid => Metadata.OwnerReferences is { Count: > 0 } owners ? owners[0].Uid : null;

    /// <summary>The controlling owner, or null.</summary>
    public NamespacedName? Owner =>
        Metadata.OwnerReferences is { Count: > 0 } owners ? new(Metadata.NamespaceProperty, owners[0].Name) : null;

    /// <summary>How many of an extended resource it holds.</summary>
    public int DevicesOf(string resource) => Devices.FirstOrDefault(d => d.Resource == resource).Count;

    /// <summary>True where no field that a decision reads differs, so that nobody needs to be woken.</summary>
    public bool LooksLike(ObservedPod other) =>
        Uid == other.Uid
        && Index == other.Index
        && Attempt == other.Attempt
        && OwnerUid == other.OwnerUid
        && NodeName == other.NodeName
        && Phase == other.Phase
        && Reason == other.Reason
        && Message == other.Message
        && Unschedulable == other.Unschedulable
        && Disruption == other.Disruption
        && Metadata.DeletionTimestamp == other.Metadata.DeletionTimestamp
        && Containers.SequenceEqual(other.Containers);
}

/// <summary>The phase of a pod, as its status says it.</summary>
public enum PodPhase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}

/// <summary>Reason and message of a pod's condition.</summary>
public sealed record PodNotice(string? Reason, string? Message);

/// <summary>What matters of one container's status.</summary>
/// <param name="Reason">Of waiting (<c>ImagePullBackOff</c>) or of the end (<c>OOMKilled</c>).</param>
/// <param name="Message">Of waiting, or the termination message, which holds the last log lines where the program wrote none.</param>
public sealed record ObservedContainer(
    string Name,
    bool IsInit,
    ContainerPhase Phase,
    string? Reason = null,
    string? Message = null,
    int? ExitCode = null,
    DateTimeOffset? FinishedAt = null)
{
    public bool HasFailed => Phase == ContainerPhase.Terminated && ExitCode is not 0;
}

/// <summary>Which of the three states a container is in.</summary>
public enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}

/// <summary>So many of an extended resource.</summary>
public readonly record struct PodDevice(string Resource, int Count);
