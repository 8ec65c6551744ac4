using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Training.Policies;

/// <summary>
/// Takes from the API what is being deleted and hangs, because its node is lost: no kubelet will ever say that it has ended. Until then its job
/// is not gone where it was deleted in the foreground, a new one of its name has to wait, and its quota is held.
/// </summary>
public static class LostPodPolicy
{
    public static IEnumerable<DeletePod> Decide(IEnumerable<ObservedPod> pods, IReadOnlyDictionary<string, NodeView>? nodes) =>
        pods.Where(p => p is { IsBeingDeleted: true, NodeName: not null } && nodes?.GetValueOrDefault(p.NodeName) is { IsLost: true })
            .Select(p => new DeletePod(p.Name, p.Uid, $"node {p.NodeName} is lost", Force: true));
}
