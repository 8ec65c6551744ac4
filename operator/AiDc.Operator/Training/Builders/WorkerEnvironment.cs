using System.Globalization;
using AiDc.Api;
using AiDc.Operator.Pods.Builders;
using k8s.Models;

namespace AiDc.Operator.Training.Builders;

/// <summary>The environment of a worker: what torchrun would set, and where the operator is.</summary>
public static class WorkerEnvironment
{
    /// <param name="index">The worker's rank, as text.</param>
    /// <param name="masterAddress">Of the master's Service; null: the pod itself is the master.</param>
    public static IReadOnlyList<V1EnvVar> Of(GangBlueprint gang, string index, string? masterAddress)
    {
        var env = new List<V1EnvVar>
        {
            Value(PodVariables.Attempt, Text(gang.Attempt)),
            Value("RANK", index),
            Value("WORLD_SIZE", Text(gang.Size)),
            Value("LOCAL_RANK", "0"),
            Value("NPROC_PER_NODE", "1"),
            Value("JOB_COMPLETION_INDEX", index),
            masterAddress is null
                ? new() { Name = "MASTER_ADDR", ValueFrom = new() { FieldRef = new() { FieldPath = "status.podIP" } } }
                : Value("MASTER_ADDR", masterAddress),
            Value("MASTER_PORT", Text(MasterServiceBuilder.Port)),
        };
        if (gang.Job.Spec.Checkpoint is { } checkpoint) env.Add(Value(PodVariables.CheckpointFolder, StorageEnvironment.Place(checkpoint.Uri, MountPaths.Checkpoint)));
        if (gang.Job.Spec.Trainer is { } trainer) env.Add(Value(PodVariables.DataFolder, StorageEnvironment.Place(trainer.Data.Uri, MountPaths.Data)));
        if (gang.Link is { } link)
        {
            var address = link.Address.TrimEnd('/');
            // Each name costs the API server and etcd a twentieth of what the smallest pod does: an own image gets no more than is documented.
            if (gang.Job.Spec.Trainer is not null)
            {
                env.Add(Value(PodVariables.Job, $"{gang.Job.Metadata.NamespaceProperty}/{gang.Job.Metadata.Name}"));
                env.Add(Value(PodVariables.Coordinator, address));
            }
            env.Add(Value(PodVariables.ProgressUrl, $"{address}/v1/progress"));
            env.Add(Value(PodVariables.TokenFile, MountPaths.Token));
            env.Add(Value(PodVariables.CaFile, MountPaths.CaBundle));
        }
        return env;
    }

    /// <summary>What a member of a distributed gang knows in addition: who it is, whatever its token says, and how long it may take to leave.</summary>
    public static IEnumerable<V1EnvVar> OfMember(GangBlueprint gang, long? graceSeconds)
    {
        if (!GangShape.IsDistributed(gang.Job.Spec)) yield break;
        yield return new() { Name = PodVariables.PodUid, ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.uid" } } };
        if (graceSeconds is > 0 and var seconds) yield return Value(PodVariables.GracePeriod, $"{seconds.ToString(CultureInfo.InvariantCulture)}s");
    }

    /// <summary>Ours first, so that the user's may refer to them as $(RANK); a name of ours is not the user's to set.</summary>
    public static List<V1EnvVar> Merge(IReadOnlyList<V1EnvVar> ours, IEnumerable<V1EnvVar>? users)
    {
        var taken = ours.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        return [.. ours, .. (users ?? []).Where(e => !taken.Contains(e.Name))];
    }

    private static V1EnvVar Value(string name, string value) => new() { Name = name, Value = value };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
