using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Builds what a service has apart from its Deployments: the ways to its replicas, and the budgets that keep drains from taking them all.</summary>
public static class ServiceObjectBuilder
{
    /// <summary>The label that API servers since 1.21 put on each namespace, and that nobody can change there: its name.</summary>
    public const string NamespaceName = "kubernetes.io/metadata.name";

    /// <param name="revisions">Names of those that have pods, or are to have.</param>
    /// <param name="access">Who may go past the gateways.</param>
    public static EnsureServiceObjects Build(InferenceService service, IEnumerable<string> revisions, DirectAccess access, ServingOptions options)
    {
        var names = revisions.Distinct().Order(StringComparer.Ordinal).ToList();
        return new(
            new(service.Metadata.Generation ?? 0, string.Join(' ', names), access.LeadsTo),
            Names.InferenceService(service.Metadata.Name),
            access.IsOpen ? Service(service, access.LeadsTo) : null,
            access.IsFenced ? Fence(service, options.Namespace) : null,
            [.. names.Select(name => DisruptionBudget(service, name))]);
    }

    /// <summary>For who does not go by a gateway: without canary, retries or scaling from zero.</summary>
    private static V1Service Service(InferenceService service, string? leadsTo)
    {
        var template = service.Spec.Template?.Value;
        var isOwn = ServerContainer.IsOwn(template);
        var http = isOwn ? template!.Spec.Containers[ServerContainer.IndexIn(template.Spec.Containers)].Ports[0].ContainerPort : ServingPaths.HttpPort;
        // The protocol is named since server-side apply asks for it below Kubernetes 1.21.
        var ports = new List<V1ServicePort> { new() { Name = "http", Port = 80, TargetPort = http, Protocol = "TCP" } };
        if (!isOwn) ports.Add(new() { Name = "grpc", Port = ServingPaths.GrpcPort, TargetPort = ServingPaths.GrpcPort, Protocol = "TCP" });
        return new()
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = Metadata(service, Names.InferenceService(service.Metadata.Name)),
            Spec = new() { Selector = leadsTo is null ? Selector(service) : ServerPodBuilder.Selector(service, leadsTo), Ports = ports },
        };
    }

    /// <summary>
    /// Lets gateways alone to the replicas, of whatever revision. Kubelets pass in any case. The port for metrics, which shows nothing of requests but
    /// their numbers, is open to all; a server of one's own has none that is known.
    /// </summary>
    private static V1NetworkPolicy Fence(InferenceService service, string gateways)
    {
        var ingress = new List<V1NetworkPolicyIngressRule>
        {
            new()
            {
                FromProperty =
                [
                    new()
                    {
                        NamespaceSelector = new() { MatchLabels = new Dictionary<string, string> { [NamespaceName] = gateways } },
                        PodSelector = new() { MatchLabels = new Dictionary<string, string> { [Labels.Name] = "aidc", [Labels.Component] = "gateway" } },
                    },
                ],
            },
        };
        if (!ServerContainer.IsOwn(service.Spec.Template?.Value))
            ingress.Add(new() { Ports = [new() { Port = ServingPaths.MetricsPort.ToString(CultureInfo.InvariantCulture), Protocol = "TCP" }] });
        return new()
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = Metadata(service, Names.InferenceService(service.Metadata.Name)),
            Spec = new() { PodSelector = new() { MatchLabels = Selector(service) }, PolicyTypes = ["Ingress"], Ingress = ingress },
        };
    }

    /// <summary>The same where the gateways' namespace does not carry its name: then their pods' labels are all that they are known by, in any namespace.</summary>
    public static V1NetworkPolicy FromAnyNamespace(V1NetworkPolicy fence) => new()
    {
        ApiVersion = fence.ApiVersion,
        Kind = fence.Kind,
        Metadata = fence.Metadata,
        Spec = new()
        {
            PodSelector = fence.Spec.PodSelector,
            PolicyTypes = fence.Spec.PolicyTypes,
            Ingress = [.. fence.Spec.Ingress.Select(rule => new V1NetworkPolicyIngressRule
            {
                Ports = rule.Ports,
                FromProperty = rule.FromProperty?.Select(p => new V1NetworkPolicyPeer { NamespaceSelector = new(), PodSelector = p.PodSelector }).ToList(),
            })],
        },
    };

    /// <summary>
    /// One at a time of each revision: with a share of the replicas, a service of one could never be drained; and with one budget for all, replicas of a
    /// revision that does not come up would use up what the others may lose. A replica that does not answer is nobody's loss and may always go.
    /// </summary>
    private static V1PodDisruptionBudget DisruptionBudget(InferenceService service, string revision) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = Metadata(service, revision),
        Spec = new()
        {
            MaxUnavailable = 1,
            Selector = new() { MatchLabels = ServerPodBuilder.Selector(service, revision) },
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
        },
    };

    private static V1ObjectMeta Metadata(InferenceService service, string name) => new()
    {
        Name = name,
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
