using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Builds what a service has once: the Service that leads to its replicas, and the budget that keeps drains from taking them all.</summary>
public static class ServiceObjectBuilder
{
    /// <summary>For who does not go by a gateway: all revisions alike, without canary, retries or scaling from zero.</summary>
    public static V1Service Service(InferenceService service)
    {
        var template = service.Spec.Template?.Value;
        var isOwn = ServerContainer.IsOwn(template);
        var http = isOwn ? template!.Spec.Containers[ServerContainer.IndexIn(template.Spec.Containers)].Ports[0].ContainerPort : ServingPaths.HttpPort;
        var ports = new List<V1ServicePort> { new() { Name = "http", Port = 80, TargetPort = http } };
        if (!isOwn) ports.Add(new() { Name = "grpc", Port = ServingPaths.GrpcPort, TargetPort = ServingPaths.GrpcPort });
        return new()
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = Metadata(service),
            Spec = new() { Selector = Selector(service), Ports = ports },
        };
    }

    /// <summary>One at a time: with a share of the replicas, a service of one could never be drained.</summary>
    public static V1PodDisruptionBudget DisruptionBudget(InferenceService service) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = Metadata(service),
        Spec = new() { MaxUnavailable = 1, Selector = new() { MatchLabels = Selector(service) } },
    };

    private static V1ObjectMeta Metadata(InferenceService service) => new()
    {
        Name = Names.InferenceService(service.Metadata.Name),
        NamespaceProperty = service.Metadata.NamespaceProperty,
        Labels = new Dictionary<string, string>(Selector(service)) { [Labels.ManagedBy] = Labels.ManagedByValue },
        Annotations = new Dictionary<string, string> { [Annotations.ServiceName] = service.Metadata.Name },
        OwnerReferences = [Ownership.Of(service)],
    };

    private static Dictionary<string, string> Selector(InferenceService service) => new()
    {
        [Labels.InferenceService] = Names.LabelValue(service.Metadata.Name),
    };
}
