using System.Text.Json;
using System.Text.Json.Serialization;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.Operator.Serving.Observed;

/// <summary>What matters of a revision's Deployment.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments")]
public sealed class ServingDeployment : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "apps/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Deployment";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public DeploymentSpec Spec { get; set; } = new();

    [JsonPropertyName("status")]
    public DeploymentStatus Status { get; set; } = new();

    [JsonIgnore]
    public string Name => Metadata.Name;

    [JsonIgnore]
    public string? OwnerUid => Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid;

    /// <summary>What it serves, as it was found when the Deployment was made; null where that cannot be read.</summary>
    [JsonIgnore]
    public ServedModelStatus? Model
    {
        get
        {
            try
            {
                return Metadata.Annotations?.TryGetValue(Api.Annotations.Model, out var text) == true
                    ? JsonSerializer.Deserialize<ServedModelStatus>(text, RuntimeJson.Options)
                    : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>Why the cluster does not let its pods be made: quota, admission; null while it does.</summary>
    [JsonIgnore]
    public string? Refusal => Status.Conditions?.FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" })?.Message;

    /// <summary>The same with nothing but what is read: the pod template is most of it.</summary>
    public static ServingDeployment Trim(ServingDeployment deployment) => new()
    {
        Metadata = new()
        {
            Name = deployment.Metadata.Name,
            NamespaceProperty = deployment.Metadata.NamespaceProperty,
            Uid = deployment.Metadata.Uid,
            ResourceVersion = deployment.Metadata.ResourceVersion,
            CreationTimestamp = deployment.Metadata.CreationTimestamp,
            DeletionTimestamp = deployment.Metadata.DeletionTimestamp,
            OwnerReferences = deployment.Metadata.OwnerReferences,
            Annotations = deployment.Metadata.Annotations?.Where(a => a.Key == Api.Annotations.Model).ToDictionary(a => a.Key, a => a.Value),
        },
        Spec = deployment.Spec,
        Status = deployment.Status,
    };

    public sealed record DeploymentSpec
    {
        [JsonPropertyName("replicas")]
        public int? Replicas { get; init; }
    }

    public sealed record DeploymentStatus
    {
        [JsonPropertyName("replicas")]
        public int? Replicas { get; init; }

        [JsonPropertyName("conditions")]
        public IReadOnlyList<ServingPod.PodCondition>? Conditions { get; init; }
    }
}
