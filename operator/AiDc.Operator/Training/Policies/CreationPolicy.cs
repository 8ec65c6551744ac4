using AiDc.Api;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Training.Jobs;

namespace AiDc.Operator.Training.Policies;

/// <summary>Decides when the pods of an attempt are created: after the back-off, and after those whose checkpoint it needs have ended.</summary>
public static class CreationPolicy
{
    public static CreationDecision Decide(JobView view)
    {
        // Once whole, a worker without a pod has lost it; that is for the failure policy.
        if (view.Status.Attempt == 0 || view.IsFinished || view.IsSuspended || view.IsComplete) return CreationDecision.Nothing;
        var missing = view.Workers.Where(w => w.State == WorkerState.Missing).Select(w => w.Index).ToList();
        if (missing.Count == 0) return CreationDecision.Nothing;
        if (view.Status.NextRetryTime is { } retry && retry > view.Now)
            return new([], retry - view.Now);
        if (view.Refusal is { } refusal && refusal.RetryAt > view.Now)
            return new([], refusal.RetryAt - view.Now);
        return WaitForNames(view, missing) ?? WaitForOlder(view) ?? WaitForReplacements(view, missing);
    }

    /// <summary>A worker that crashed is tried again after a while; the others do not wait for it.</summary>
    private static CreationDecision WaitForReplacements(JobView view, List<int> missing)
    {
        var later = (view.Status.Replacements ?? []).Where(r => r.NotBefore > view.Now).ToDictionary(r => r.Index, r => r.NotBefore!.Value);
        var waiting = missing.Where(later.ContainsKey).ToList();
        return new([.. missing.Except(waiting)], waiting.Count > 0 ? waiting.Min(i => later[i]) - view.Now : null,
            waiting.Count > 0 ? $"worker {waiting[0]} starts again at {later[waiting[0]].UtcDateTime:HH:mm:ss}Z" : null);
    }

    /// <summary>A deleted job of the same name has left pods that have the names: they go by themselves, and the last of them wakes this job.</summary>
    private static CreationDecision? WaitForNames(JobView view, List<int> missing)
    {
        if (view.Snapshot.LeftBehind.Count == 0) return null;
        var names = missing.Select(i => Names.WorkerPod(view.Job.Metadata.Name, i, view.Status.Attempt, view.IncarnationOf(i))).ToHashSet();
        return view.Snapshot.LeftBehind.FirstOrDefault(p => names.Contains(p.Name)) is { } pod
            ? new([], null, $"pod {pod.Name} exists and belongs to a deleted job of this name: waiting for it to end{(pod.NodeName is { } node ? $" on node {node}" : "")}")
            : null;
    }

    /// <summary>
    /// The gang before writes its last checkpoint, from which this one goes on: wait for it, but no longer than it was given where its
    /// node may be lost and it never ends. After a failure the built-in trainer, whose checkpoints know their generation, waits for nobody but
    /// those that held the state in memory until now, or do nothing and may wake up. Of an image of one's own nothing is known: two attempts of it
    /// never write into one folder at the same time, if there is one that they share.
    /// </summary>
    private static CreationDecision? WaitForOlder(JobView view)
    {
        if (view.Status.LastFailure is { } failure && failure.Attempt == view.Status.Attempt - 1
            && failure.Reason is not (Reasons.HeldTooLong or Reasons.Stalled) && (view.IsBuiltIn || !SharedStorage.IsIn(view.Spec))) return null;
        var ending = view.OlderPods.Where(p => IsStillAtWork(view, p)).ToList();
        if (ending.Count == 0) return null;
        var last = ending.Max(p => p.Metadata.DeletionTimestamp);
        return new([], last is { } end && Times.Utc(end) > view.Now ? Times.Utc(end) - view.Now : null,
            $"waiting for {Count(ending.Count)} of attempt {ending.Max(p => p.Attempt)} to write a checkpoint and end");
    }

    private static bool IsStillAtWork(JobView view, ObservedPod pod)
    {
        if (pod.Phase is PodPhase.Succeeded or PodPhase.Failed) return false;
        if (pod.Metadata.DeletionTimestamp is not { } end || Times.Utc(end) > view.Now) return view.NodeOf(pod) is not { IsLost: true };
        // A kubelet that lives ends it, if a little late, and says so.
        return view.NodeOf(pod) is { IsLost: false, IsReady: true };
    }

    private static string Count(int pods) => pods == 1 ? "1 pod" : $"{pods} pods";
}

/// <summary>Which workers get their pods now.</summary>
/// <param name="Create">Their indexes.</param>
/// <param name="LookAgain">When to decide again, where something has to be waited for that has a time.</param>
/// <param name="WaitsFor">What is waited for, in words; null for nothing.</param>
public sealed record CreationDecision(IReadOnlyList<int> Create, TimeSpan? LookAgain = null, string? WaitsFor = null)
{
    public static CreationDecision Nothing { get; } = new([]);
}
