using System.Text;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Serving.Builders;

/// <summary>Builds the Deployment of a revision. It is made once, and only its replicas are changed then.</summary>
public static class DeploymentBuilder
{
    public static V1Deployment Build(InferenceService service, Revision revision, int replicas, ServingOptions options)
    {
        var selector = ServerPodBuilder.Selector(service, revision.Name);
        var rollout = service.Spec.Rollout;
        return new()
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = new()
            {
                Name = revision.Name,
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string>(selector) { [Labels.ManagedBy] = Labels.ManagedByValue },
                Annotations = Annotated(service, revision),
                OwnerReferences = [Ownership.Of(service)],
            },
            Spec = new()
            {
                Replicas = replicas,
                Selector = new() { MatchLabels = selector },
                RevisionHistoryLimit = 0,
                Strategy = new()
                {
                    Type = "RollingUpdate",
                    RollingUpdate = new() { MaxSurge = rollout.MaxSurge, MaxUnavailable = rollout.MaxUnavailable },
                },
                Template = ServerPodBuilder.Build(service, revision, options),
            },
        };
    }

    private static Dictionary<string, string> Annotated(InferenceService service, Revision revision)
    {
        var annotations = new Dictionary<string, string> { [Annotations.ServiceName] = service.Metadata.Name };
        if (revision.Model is { } model) annotations[Annotations.Model] = Encoding.UTF8.GetString(RuntimeJson.ToUtf8(model.Status));
        return annotations;
    }
}
