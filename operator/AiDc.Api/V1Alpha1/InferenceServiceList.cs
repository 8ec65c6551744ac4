using k8s;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>A page of inference services.</summary>
[KubernetesEntity(
    Group = InferenceService.KubeGroup,
    ApiVersion = InferenceService.KubeApiVersion,
    Kind = "InferenceServiceList",
    PluralName = InferenceService.KubePluralName)]
public sealed class InferenceServiceList : IKubernetesObject<V1ListMeta>, IItems<InferenceService>
{
    public string ApiVersion { get; set; } = $"{InferenceService.KubeGroup}/{InferenceService.KubeApiVersion}";

    public string Kind { get; set; } = "InferenceServiceList";

    public V1ListMeta Metadata { get; set; } = new();

    public IList<InferenceService> Items { get; set; } = [];
}
