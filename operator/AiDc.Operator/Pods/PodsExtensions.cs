using AiDc.Api;
using AiDc.ControllerRuntime.Hosting;

namespace AiDc.Operator.Pods;

/// <summary>Adds the cache of workers' pods, and of what kubelets say about any pod.</summary>
public static class PodsExtensions
{
    public static OperatorBuilder AddPods(this OperatorBuilder builder) => builder
        .AddInformer<ObservedPod>(i => i
            .LabelSelector(Labels.Job)
            .Index(ObservedPod.ByOwner, pod => pod.OwnerUid is { } uid ? [uid] : [])
            .Index(ObservedPod.ByOwnerName, pod => pod.Metadata.OwnerReferences is { Count: > 0 } owners ? [$"{pod.Metadata.NamespaceProperty}/{owners[0].Name}"] : [])
            .Index(ObservedPod.ByNode, pod => pod.NodeName is { } node ? [node] : []))
        .AddInformer<PodWarning>(i => i
            .FieldSelector(PodWarning.FieldSelector)
            .Index(PodWarning.ByPod, e => e.InvolvedObject?.Uid is { } uid ? [uid] : []));
}
