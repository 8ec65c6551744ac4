using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving.Observed;

namespace AiDc.Operator.Serving;

/// <summary>A revision as it is seen.</summary>
/// <param name="Deployment">Null where it has none yet.</param>
/// <param name="Pods">Those that have not ended, the ones being deleted among them.</param>
/// <param name="Ready">Pods that answer, as far as kubelets, gateways and nodes say.</param>
/// <param name="Lost">Pods that are not being deleted and that nobody can reach, or whose node is not ready: they may come back.</param>
/// <param name="Taken">Pods whose node is lost, and which are taken from the API now: their ReplicaSet makes others.</param>
public sealed record RevisionView(string Name, ServingDeployment? Deployment, IReadOnlyList<ServingPod> Pods, int Ready, int Lost, int Taken)
{
    /// <summary>Replicas that its Deployment is told to have.</summary>
    public int Replicas => Deployment?.Spec.Replicas ?? 0;

    public ServedModelStatus? Model => Deployment?.Model;

    public static RevisionView None(string name) => new(name, null, [], 0, 0, 0);
}
