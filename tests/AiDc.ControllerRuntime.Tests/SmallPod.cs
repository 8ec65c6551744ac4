using System.Text.Json.Serialization;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>Of a pod only what is looked at.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class SmallPod : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    public V1ObjectMeta Metadata { get; set; } = new();

    public SmallStatus? Status { get; set; }

    public sealed class SmallStatus
    {
        [JsonConverter(typeof(InterningStringConverter))]
        public string? Phase { get; set; }
    }
}
