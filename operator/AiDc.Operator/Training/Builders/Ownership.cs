using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>Makes the garbage collector take what belongs to a job along with it, at whatever moment it is deleted.</summary>
public static class Ownership
{
    public static V1OwnerReference Of(TrainingJob job) => new()
    {
        ApiVersion = $"{TrainingJob.KubeGroup}/{TrainingJob.KubeApiVersion}",
        Kind = TrainingJob.KubeKind,
        Name = job.Metadata.Name,
        Uid = job.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
