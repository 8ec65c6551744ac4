using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Gateway.Replicas;

/// <summary>What a gateway reads of a pod that serves, and nothing else: every gateway holds all of them.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
internal sealed class ServedPod : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Pod";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("status")]
    public ServedPodStatus Status { get; set; } = new();
}

internal sealed class ServedPodStatus
{
    [JsonPropertyName("phase")]
    public string? Phase { get; set; }

    [JsonPropertyName("podIP")]
    public string? PodIP { get; set; }

    [JsonPropertyName("conditions")]
    public List<ServedPodCondition>? Conditions { get; set; }
}

internal sealed class ServedPodCondition
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }
}
