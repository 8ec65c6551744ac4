using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Builders;

/// <summary>Everything that the pods of one attempt are made from.</summary>
/// <param name="SpecHash">Of the job's spec, see <see cref="Jobs.SpecHash"/>.</param>
/// <param name="Link">Null where no coordinator runs; workers then train without telling anybody.</param>
public sealed record GangBlueprint(TrainingJob Job, int Attempt, string SpecHash, WorkerLink? Link, TrainingOptions Options)
{
    public int Size => Job.Spec.Workers.Replicas;

    /// <summary>Nodes that the pods must not be placed on.</summary>
    public IReadOnlyList<string> AvoidedNodes { get; init; } = [];

    /// <summary>Images of one's own meet at a Service, where there is more than one; workers of the built-in trainer meet through the coordinator.</summary>
    public bool NeedsMasterService => Size > 1 && Job.Spec.Trainer is null;
}

/// <summary>How a worker reaches the operator.</summary>
/// <param name="Address">https://host:port of the coordinator.</param>
/// <param name="CaBundle">PEM certificates that the coordinator's certificate is checked against.</param>
public sealed record WorkerLink(string Address, string CaBundle);
