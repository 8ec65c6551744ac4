using AiDc.Api.V1Alpha1;

namespace AiDc.Api;

/// <summary>What a spec makes of its workers: one alone, a gang that can lose members, or one that stands and falls as a whole.</summary>
public static class GangShape
{
    /// <summary>
    /// Whether the workers train together under the operator's membership: a lost one is replaced while the others go on or wait.
    /// False for the built-in trainer alone in one process, and for images of one's own: there any loss restarts the gang.
    /// </summary>
    public static bool IsDistributed(TrainingJobSpec spec) =>
        spec.Trainer is not null
        && (spec.Workers.Replicas > 1 || spec.Workers.Min is not null || spec.Workers.Max is not null || Processes(spec) > 1);

    /// <summary>Processes in each pod, from 1.</summary>
    public static int Processes(TrainingJobSpec spec) =>
        spec.Workers.Processes > 0 ? spec.Workers.Processes : spec.Trainer is null ? 1 : Math.Max(1, spec.Resources.Gpus);

    /// <summary>The fewest workers that train; as many as replicas where the gang is rigid.</summary>
    public static int LeastWorkers(TrainingJobSpec spec) => Math.Min(spec.Workers.Min ?? spec.Workers.Replicas, spec.Workers.Replicas);
}
