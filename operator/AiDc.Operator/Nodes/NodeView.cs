using System.Globalization;
using AiDc.Api;
using AiDc.Operator.Pods;
using k8s.Models;

namespace AiDc.Operator.Nodes;

/// <summary>A node that pods of a job are on, at one moment.</summary>
public sealed record NodeView(string Name)
{
    /// <summary>It was there and was deleted.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Its lease has not changed for its duration; for how long. Null while it lives.</summary>
    public TimeSpan? DeadFor { get; init; }

    public bool IsReady { get; init; } = true;

    /// <summary>Cordoned: it takes no new pods, and who did it wants it empty.</summary>
    public bool IsCordoned { get; init; }

    /// <summary>GPUs that its device plugin offers; null where that is not known.</summary>
    public int? AllocatableGpus { get; init; }

    /// <summary>GPUs that pods of training jobs on it have asked for.</summary>
    public int GpusInUse { get; init; }

    /// <summary>No kubelet will ever say that the pods on it have ended.</summary>
    public bool IsLost => IsDeleted || DeadFor is not null;

    public bool HasLostGpus => AllocatableGpus < GpusInUse;

    /// <param name="pods">Of training jobs, on the node. What they hold is read from themselves: the spec of a job may have been edited since.</param>
    /// <param name="gpuResource">The extended resource that counts as a GPU.</param>
    public static NodeView Of(ObservedNode node, TimeSpan? deadFor, IEnumerable<ObservedPod> pods, string gpuResource) => new(node.Metadata.Name)
    {
        DeadFor = deadFor,
        IsReady = node.IsReady,
        IsCordoned = node.Spec.Unschedulable,
        AllocatableGpus = node.Status.Allocatable?.GetValueOrDefault(gpuResource) is { } text ? new ResourceQuantity(text).ToInt32() : null,
        GpusInUse = pods.Where(p => p.Phase is not (PodPhase.Succeeded or PodPhase.Failed)).Sum(p => p.DevicesOf(gpuResource)),
    };
}

/// <summary>Why what runs on a node is lost, or will be.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
public sealed record NodeTrouble(string Reason, string Message)
{
    /// <summary>Null where the node keeps what it runs.</summary>
    public static NodeTrouble? Of(NodeView? node) => node switch
    {
        null => null,
        { IsDeleted: true } => new(Reasons.NodeDeleted, $"node {node.Name} was deleted"),
        { DeadFor: { } time } => new(Reasons.NodeLost,
            string.Create(CultureInfo.InvariantCulture, $"node {node.Name} has not renewed its lease for {time.TotalSeconds:0} s")),
        { HasLostGpus: true } => new(Reasons.GpuWithdrawn,
            $"node {node.Name} offers {node.AllocatableGpus} GPUs, fewer than the {node.GpusInUse} in use there: a device was withdrawn"),
        _ => null,
    };
}
