using k8s;
using k8s.Models;

namespace AiDc.Api.V1Alpha1;

/// <summary>A page of training jobs.</summary>
[KubernetesEntity(
    Group = TrainingJob.KubeGroup,
    ApiVersion = TrainingJob.KubeApiVersion,
    Kind = "TrainingJobList",
    PluralName = TrainingJob.KubePluralName)]
public sealed class TrainingJobList : IKubernetesObject<V1ListMeta>, IItems<TrainingJob>
{
    public string ApiVersion { get; set; } = $"{TrainingJob.KubeGroup}/{TrainingJob.KubeApiVersion}";

    public string Kind { get; set; } = "TrainingJobList";

    public V1ListMeta Metadata { get; set; } = new();

    public IList<TrainingJob> Items { get; set; } = [];
}
