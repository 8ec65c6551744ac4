using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Coordination;
using AiDc.Operator.Nodes;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training;

/// <summary>Reads everything that a decision about one job looks at. Out of caches, except where they cannot be trusted.</summary>
public sealed class TrainingJobGatherer(
    IStore<TrainingJob> jobs, IStore<ObservedPod> pods, IStore<PodWarning> warnings, IKubernetesClient client, IProgressBoard board, JobMemory memory,
    NodeWatch nodes, IGangBoard? gangs = null)
{
    /// <summary>Pods of jobs of this name that no longer exist, and what is known of their nodes.</summary>
    /// <param name="uid">Of the job that has the name now; null for none.</param>
    public (IReadOnlyList<ObservedPod> Pods, IReadOnlyDictionary<string, NodeView> Nodes) LeftBehind(NamespacedName name, string? uid = null)
    {
        var left = pods.ByIndex(ObservedPod.ByOwnerName, name.ToString()).Where(p => p.OwnerUid != uid).ToList();
        return (left, NodesOf(left));
    }
    /// <returns>Null where the job does not exist.</returns>
    public async Task<TrainingJobSnapshot?> GatherAsync(NamespacedName name, CancellationToken ct)
    {
        if (jobs.Get(name) is not { } job) return null;
        var owned = pods.ByIndex(ObservedPod.ByOwner, job.Metadata.Uid);
        if (MayBeStale(job, owned))
        {
            // The two caches are fed by two watches of which one may be behind: nothing is declared lost on their word.
            if (await client.GetAsync<TrainingJob>(name, ct) is not { } live || live.Metadata.Uid != job.Metadata.Uid) return null;
            job = live;
            owned = await ListAsync(job, ct);
        }
        var (left, _) = LeftBehind(name, job.Metadata.Uid);
        var entry = memory.Of(name, job.Metadata.Uid);
        return new(job, owned, board.Get(job.Metadata.Uid), entry.Refusal, Troubles(owned), entry.LastWrite, entry.LastProgressWrite)
        {
            Gang = IsDistributed(job) ? gangs?.Get(job.Metadata.Uid) : null,
            LeftBehind = left,
            Nodes = NodesOf([.. owned, .. left]),
            UnfitNodes = nodes.Unfit(),
            FitNodes = job.Status.AvoidedNodes is { Count: > 0 } ? nodes.Fit() : [],
        };
    }

    private Dictionary<string, NodeView> NodesOf(IReadOnlyList<ObservedPod> of) =>
        of.Select(p => p.NodeName).OfType<string>().Distinct().Select(nodes.Of).OfType<NodeView>().ToDictionary(n => n.Name);

    /// <summary>Also while an invalid edit says otherwise.</summary>
    private static bool IsDistributed(TrainingJob job) =>
        GangShape.IsDistributed(job.Spec) || (job.Status.Membership is { } membership && membership.Attempt == job.Status.Attempt);

    private static bool MayBeStale(TrainingJob job, IReadOnlyList<ObservedPod> pods)
    {
        if (job.Metadata.DeletionTimestamp is not null || job.Status.Phase is TrainingJobPhase.Succeeded or TrainingJobPhase.Failed) return false;
        if (pods.Any(p => p.Attempt > job.Status.Attempt)) return true;
        if (IsDistributed(job))
            return job.Status.Membership is { } membership && membership.Attempt == job.Status.Attempt
                && membership.Members.Any(m => pods.All(p => p.Uid != m.PodUid));
        return job.Status.Workers is { Members.Count: > 0 } workers && workers.Attempt == job.Status.Attempt
            && Known(pods, job.Status.Attempt, workers.CompletedIndexes) < workers.Desired;
    }

    /// <summary>Workers that have a pod, or no longer need one.</summary>
    private static int Known(IReadOnlyList<ObservedPod> pods, int attempt, string? completed)
    {
        var present = pods.Where(p => p.Attempt == attempt).ToList();
        return completed is null ? present.Count : present.Select(p => p.Index).Union(IndexRanges.Parse(completed)).Count();
    }

    private async Task<IReadOnlyList<ObservedPod>> ListAsync(TrainingJob job, CancellationToken ct)
    {
        var listed = await client.ListAsync<ObservedPod>(
            job.Metadata.NamespaceProperty, new(LabelSelector: $"{Labels.JobUid}={job.Metadata.Uid}"), ct);
        return [.. listed.Items.Where(p => p.OwnerUid == job.Metadata.Uid)];
    }

    private Dictionary<string, PodTrouble>? Troubles(IReadOnlyList<ObservedPod> owned)
    {
        Dictionary<string, PodTrouble>? troubles = null;
        foreach (var pod in owned)
        {
            if (pod.Phase != PodPhase.Pending || pod.NodeName is null) continue;
            if (PodTrouble.Of(warnings.ByIndex(PodWarning.ByPod, pod.Uid)) is { } trouble) (troubles ??= [])[pod.Uid] = trouble;
        }
        return troubles;
    }
}
