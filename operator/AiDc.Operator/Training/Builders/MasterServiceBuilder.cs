using System.Globalization;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>
/// The Service at which the workers of a gang find worker 0. By its address, so that no cluster DNS is needed; before worker 0 is
/// ready, because its peers have to reach it in order to become ready.
/// </summary>
public static class MasterServiceBuilder
{
    /// <summary>The usual port of torch.distributed.</summary>
    public const int Port = 29500;

    public static V1Service Build(TrainingJob job, int attempt) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = new()
        {
            Name = Names.MasterService(job.Metadata.Name),
            NamespaceProperty = job.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string>
            {
                [Labels.Job] = Names.LabelValue(job.Metadata.Name),
                [Labels.JobUid] = job.Metadata.Uid,
                [Labels.Attempt] = attempt.ToString(CultureInfo.InvariantCulture),
                [Labels.ManagedBy] = Labels.ManagedByValue,
            },
            OwnerReferences = [Ownership.Of(job)],
        },
        Spec = new()
        {
            Selector = Selector(job, attempt),
            PublishNotReadyAddresses = true,
            Ports = [new() { Name = "master", Port = Port, TargetPort = Port }],
        },
    };

    /// <summary>Worker 0 of this attempt and no other: one of the attempt before may still be ending.</summary>
    public static Dictionary<string, string> Selector(TrainingJob job, int attempt) => new()
    {
        [Labels.JobUid] = job.Metadata.Uid,
        [Labels.WorkerIndex] = "0",
        [Labels.Attempt] = attempt.ToString(CultureInfo.InvariantCulture),
    };
}
