using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace AiDc.Gateway.Admission;

/// <summary>A Secret with API keys, read so that the keys themselves are never kept.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
internal sealed class KeySecret : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Secret";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("data")]
    [JsonConverter(typeof(ApiKeysConverter))]
    public IReadOnlyList<ApiKey>? Keys { get; set; }
}
